import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Run } from '../../domain/tracking/runs/run.ts';
import { startMlflowServer as startServer } from '../../test/support/mlflow-server.ts';
import { ensureTestPython } from '../../test/support/python-environment.ts';

const SEED_SCRIPT = join(import.meta.dirname, 'seed_mlflow.py');

/** An `mlflow server` on SQLite, of the version that the tests pin. */
export interface MlflowServer {
  readonly url: string;
  /** Adds an experiment with those runs, and answers its id. */
  readonly addExperiment: (name: string, batches: AsyncIterable<readonly Run[]>) => Promise<string>;
  readonly stop: () => void;
}

export async function startMlflowServer(): Promise<MlflowServer> {
  const { origin, folder, stop } = await startServer();
  const python = join(ensureTestPython(), 'python');
  const stores = [join(folder, 'mlflow.db'), join(folder, 'artifacts')];
  return { url: origin, addExperiment: (name, batches) => seed(python, [...stores, name], batches), stop };
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
