import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findFreePort } from './free-port.ts';

/** A real `mlflow server` on SQLite. */
export interface RealMlflow {
  readonly uri: string;
  stop(): void;
}

/** Making the database takes seconds, on a busy machine many. */
const MAX_START_MS = 180_000;

/** Starts one with its database, artifacts and log in `folder`, which must exist. */
export async function startMlflow(bin: string, folder: string): Promise<RealMlflow> {
  const port = await findFreePort();
  const log = createWriteStream(join(folder, 'server.log'));
  const child = spawn(
    join(bin, 'mlflow'),
    [
      ...['server', '--host', '127.0.0.1', '--port', String(port), '--workers', '1'],
      ...['--backend-store-uri', `sqlite:///${join(folder, 'mlflow.db')}`],
      ...['--artifacts-destination', join(folder, 'artifacts')],
    ],
    // A group of its own, since the server starts workers that must end with it.
    { cwd: folder, detached: true, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  child.stdout.pipe(log);
  child.stderr.pipe(log);
  const stop = () => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGTERM');
  };
  const uri = `http://127.0.0.1:${port}`;
  for (const end = Date.now() + MAX_START_MS; ; await sleep(500)) {
    const isUp = await fetch(`${uri}/health`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isUp) return { uri, stop };
    if (child.exitCode !== null || Date.now() > end) {
      stop();
      throw new Error(`mlflow server does not answer; its log is in ${folder}.`);
    }
  }
}
