import { type ChildProcess, spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

export interface GroupOptions {
  readonly environment: NodeJS.ProcessEnv;
  readonly directory: string;
  /** Everything the group prints is added to this file. */
  readonly logFile: string;
}

/** A program together with everything it starts; it is stopped as one. */
export interface ProcessGroup {
  readonly pid: number;
  /** Set as soon as the program itself has ended. */
  readonly exit: Promise<string>;
  readonly isRunning: () => boolean;
}

const started = new Set<number>();

/** Ends every group that this process started and that is still there: the last thing before an exit. */
export async function killStartedGroups(): Promise<void> {
  await Promise.all([...started].map((pid) => killGroup(pid)));
}

/** Starts a program as the leader of a process group of its own. */
export function startGroup(program: string, args: readonly string[], options: GroupOptions): ProcessGroup {
  const log = openSync(options.logFile, 'a');
  const child: ChildProcess = spawn(program, [...args], {
    detached: true,
    stdio: ['ignore', log, log],
    cwd: options.directory,
    env: options.environment,
  });
  if (child.pid !== undefined) started.add(child.pid);
  let running = true;
  const exit = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal === null ? `exit code ${code}` : `signal ${signal}`));
  }).finally(() => {
    running = false;
  });
  return { pid: child.pid ?? 0, exit, isRunning: () => running };
}

/** Whether any process of the group is left. */
export function isGroupAlive(pid: number): boolean {
  return signalGroup(pid, 0);
}

/**
 * Asks a group to end and kills what is left of it after the grace period.
 *
 * @param graceSeconds time for the emulator to write its state down.
 */
export async function stopGroup(pid: number, graceSeconds: number): Promise<void> {
  // Only the leader is asked: its children end with it, after it has written down what they were doing.
  signal(pid, 'SIGTERM');
  const deadline = Date.now() + graceSeconds * 1000;
  while (Date.now() < deadline && signal(pid, 0)) await sleep(50);
  await killGroup(pid);
}

/** Ends every process of a group at once, as a power cut would. */
export async function killGroup(pid: number): Promise<void> {
  signalGroup(pid, 'SIGKILL');
  started.delete(pid);
  const deadline = Date.now() + 5000;
  while (Date.now() < deadline && isGroupAlive(pid)) await sleep(20);
}

function signalGroup(pid: number, name: NodeJS.Signals | 0): boolean {
  // A group id of 0 or 1 would address ourselves or everybody.
  return pid > 1 && signal(-pid, name);
}

function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}
