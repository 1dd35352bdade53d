import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Run } from '../../domain/tracking/run.ts';
import { startGroup, stopGroup } from '../../local/process-group.ts';
import { findFreePort } from '../../test/support/free-port.ts';
import { ensureTestPython } from '../../test/support/python-environment.ts';

const START_SECONDS = 120;
const SEED_SCRIPT = join(import.meta.dirname, 'seed_mlflow.py');

/** An `mlflow server` on SQLite, of the version that the tests pin. */
export interface MlflowServer {
  readonly url: string;
  /** Adds an experiment with those runs, and answers its id. */
  readonly addExperiment: (name: string, batches: AsyncIterable<readonly Run[]>) => Promise<string>;
  readonly stop: () => Promise<void>;
}

export async function startMlflowServer(): Promise<MlflowServer> {
  const python = join(ensureTestPython(), 'python');
  const directory = await mkdtemp(join(tmpdir(), 'perennial-bench-mlflow-'));
  const [database, artifacts] = [join(directory, 'mlflow.db'), join(directory, 'artifacts')];
  const port = await findFreePort();
  const logFile = join(directory, 'server.log');
  // One call at a time is measured: more workers would only take memory.
  const args = ['-m', 'mlflow', 'server', '--host', '127.0.0.1', '--port', String(port), '--workers', '1'];
  const stores = ['--backend-store-uri', `sqlite:///${database}`, '--artifacts-destination', artifacts];
  const group = startGroup(python, [...args, ...stores], {
    environment: { ...process.env, MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'false' },
    directory,
    logFile,
  });
  const stop = async () => {
    await stopGroup(group.pid, 5);
    await rm(directory, { recursive: true, force: true });
  };
  const url = `http://127.0.0.1:${port}`;
  if (!(await waitUntilHealthy(url, group.isRunning))) {
    const log = await readFile(logFile, 'utf8');
    await stop();
    throw new Error(`mlflow server did not start: ${log.slice(-2000)}`);
  }
  return { url, addExperiment: (name, batches) => seed(python, [database, artifacts, name], batches), stop };
}

async function waitUntilHealthy(url: string, isRunning: () => boolean): Promise<boolean> {
  const deadline = Date.now() + START_SECONDS * 1000;
  while (isRunning() && Date.now() < deadline) {
    const answer = await fetch(`${url}/health`).catch(() => undefined);
    if (answer?.ok === true) return true;
    await sleep(500);
  }
  return false;
}

async function seed(python: string, args: readonly string[], batches: AsyncIterable<readonly Run[]>) {
  const running = promisify(execFile)(python, [SEED_SCRIPT, ...args]);
  const input = running.child.stdin;
  // A script that ends early says why in its own error.
  input?.on('error', () => {});
  for await (const runs of batches) {
    const isFull = input?.write(runs.map((run) => `${JSON.stringify(run)}\n`).join('')) === false;
    if (isFull && input?.writable) await Promise.race([once(input, 'drain'), running]);
  }
  input?.end();
  const { stdout } = await running;
  return (JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as { experimentId: string }).experimentId;
}
