import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findFreePort } from './free-port.ts';
import { ensureTestPython } from './python-environment.ts';

/** Making its database takes MLflow most of this on a busy machine. */
const START_SECONDS = 180;

export interface MlflowServer {
  readonly origin: string;
  /** With `mlflow.db` and `artifacts`; gone after `stop`. */
  readonly folder: string;
  stop(): void;
}

/** MLflow's own server with an empty SQLite database: to compare answers with, or to move from and to. */
export async function startMlflowServer(): Promise<MlflowServer> {
  const folder = mkdtempSync(join(tmpdir(), 'perennial-mlflow-server-'));
  const port = await findFreePort();
  const options = [
    ...['--backend-store-uri', `sqlite:///${join(folder, 'mlflow.db')}`],
    ...['--artifacts-destination', join(folder, 'artifacts')],
    ...['--host', '127.0.0.1', '--port', String(port), '--workers', '1'],
  ];
  // Jobs are GenAI's; their workers would outlive the server.
  const env = {
    ...process.env,
    MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'false',
    MLFLOW_DISABLE_TELEMETRY: 'true',
  };
  const python = join(ensureTestPython(), 'python');
  // A group of its own, because the server runs in a child of what is started here.
  const child = spawn(python, ['-m', 'mlflow', 'server', ...options], {
    env,
    detached: true,
    stdio: 'ignore',
  });
  const stop = () => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL');
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  const origin = `http://127.0.0.1:${port}`;
  try {
    await waitUntilHealthy(origin, child);
  } catch (error) {
    stop();
    throw error;
  }
  return { origin, folder, stop };
}

async function waitUntilHealthy(origin: string, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + START_SECONDS * 1000;
  while (Date.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`mlflow server ended with ${child.exitCode}.`);
    const answer = await fetch(`${origin}/health`).catch(() => undefined);
    if (answer?.ok) return;
    await sleep(250);
  }
  throw new Error(`mlflow server does not answer after ${START_SECONDS} s.`);
}
