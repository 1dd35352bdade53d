import { spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Workspace } from './workspace.ts';

/** Runs the same start in the background. @returns its exit code, or 0 when it is ready and stays up */
export async function startDetached(workspace: Workspace, args: readonly string[]): Promise<number> {
  const logFile = join(workspace.logsDirectory, 'start.log');
  await mkdir(workspace.logsDirectory, { recursive: true });
  await rm(logFile, { force: true });
  const log = openSync(logFile, 'a');
  const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts'), 'start', ...args], {
    detached: true,
    stdio: ['ignore', log, log, 'ipc'],
    env: { ...process.env, PERENNIAL_DETACHED: '1' },
  });
  let outcome: number | undefined;
  child.once('message', () => {
    outcome = 0;
  });
  child.once('exit', (code) => {
    outcome ??= code ?? 1;
  });
  await showUntil(logFile, () => outcome !== undefined);
  if (child.connected) child.disconnect();
  child.unref();
  return outcome ?? 1;
}

/** Tells the process that waits for a detached start that it need not wait any longer. */
export function reportReady(): void {
  if (process.env.PERENNIAL_DETACHED === '1') process.send?.('ready');
}

async function showUntil(file: string, isOver: () => boolean): Promise<void> {
  const handle = await open(file, 'r');
  const buffer = Buffer.alloc(64 * 1024);
  for (let last = false; ; last = isOver()) {
    const { bytesRead } = await handle.read(buffer);
    if (bytesRead > 0) process.stdout.write(buffer.subarray(0, bytesRead));
    else if (last) break;
    else await sleep(200);
  }
  await handle.close();
}
