import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { runCommand } from './commands.ts';
import { removeConnection } from './connection-file.ts';
import { LocalCloudError } from './errors.ts';
import { isGroupAlive, killGroup } from './process-group.ts';
import type { Workspace } from './workspace.ts';

/** The processes of one run of the local cloud, kept in a file so that a later run finds what is left. */
export interface Running {
  /** The process that holds the front door. */
  readonly mainPid: number;
  /** The leader of the emulator's process group. */
  readonly emulatorPid: number;
}

export async function writeRunning(workspace: Workspace, running: Running): Promise<void> {
  await mkdir(workspace.directory, { recursive: true });
  await writeFile(workspace.pidFile, JSON.stringify(running));
}

export async function removeRunning(workspace: Workspace): Promise<void> {
  await rm(workspace.pidFile, { force: true });
}

export async function readRunning(workspace: Workspace): Promise<Running | undefined> {
  const text = await readFile(workspace.pidFile, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as Running);
}

/**
 * Ends what a killed run has left behind.
 *
 * @throws LocalCloudError when the run that wrote the file is alive.
 */
export async function cleanUpEarlierRun(workspace: Workspace): Promise<void> {
  const running = await readRunning(workspace);
  if (running === undefined) return;
  if (running.mainPid !== process.pid && (await isOurs(running.mainPid, 'local/main'))) {
    throw new LocalCloudError(
      `The local cloud of ${workspace.directory} is running already (process ${running.mainPid}). ` +
        "Use it, or stop it with 'npm stop'.",
    );
  }
  await killEmulator(running);
  await forget(workspace);
}

/** Stops a running local cloud and whatever is left of it. @returns whether there was one */
export async function stopRunning(workspace: Workspace, graceSeconds: number): Promise<boolean> {
  const running = await readRunning(workspace);
  if (running === undefined) return false;
  if (await isOurs(running.mainPid, 'local/main')) await stopMain(running.mainPid, graceSeconds);
  await killEmulator(running);
  await forget(workspace);
  return true;
}

async function stopMain(pid: number, graceSeconds: number): Promise<void> {
  process.kill(pid, 'SIGTERM');
  const deadline = Date.now() + graceSeconds * 1000;
  while (Date.now() < deadline && isAlive(pid)) await sleep(100);
  if (isAlive(pid)) process.kill(pid, 'SIGKILL');
}

async function killEmulator({ emulatorPid }: Running): Promise<void> {
  // The leader may be gone and its functions not; a group keeps its number as long as one of it lives.
  const mayBeOurs =
    (await commandOf(emulatorPid)) === '' || (await isOurs(emulatorPid, 'emulator/launch.py'));
  if (isGroupAlive(emulatorPid) && mayBeOurs) await killGroup(emulatorPid);
}

async function forget(workspace: Workspace): Promise<void> {
  await Promise.all([removeRunning(workspace), removeConnection(workspace)]);
}

/** Whether a process is the one we started: numbers are used again after a restart of the machine. */
async function isOurs(pid: number, part: string): Promise<boolean> {
  return (await commandOf(pid)).includes(part);
}

async function commandOf(pid: number): Promise<string> {
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => undefined);
  if (command !== undefined) return command.replaceAll('\0', ' ').trim();
  const answer = await runCommand('ps', ['-o', 'command=', '-p', String(pid)], { timeoutSeconds: 5 });
  return answer.stdout.trim();
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
