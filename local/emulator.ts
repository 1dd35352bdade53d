import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ensureCertificate, trustAuthority } from './certificate.ts';
import {
  clientEnvironment,
  type EmulatorSettings,
  emulatorEnvironment,
  endpointUrl,
} from './emulator-environment.ts';
import { LocalCloudError } from './errors.ts';
import { assertPortFree } from './ports.ts';
import { killGroup, type ProcessGroup, startGroup, stopGroup } from './process-group.ts';
import { ensurePython } from './python.ts';
import { repositoryDirectory, type Workspace, workspaceAt } from './workspace.ts';

export interface EmulatorOptions {
  /** Where state, certificate and logs are kept; made when absent. */
  readonly directory: string;
  readonly port: number;
  /** Scales Step Functions' Wait states. @default 1, real time */
  readonly waitScale?: number;
}

export interface Emulator {
  readonly endpointUrl: string;
  readonly caFile: string;
  /** What a child process needs to call the emulator as the account's root, TLS verified. */
  readonly environment: Record<string, string>;
  readonly pid: number;
  /** Ends with the reason when the emulator's process does. */
  readonly exit: Promise<string>;
  /** Ends it and every function it runs; its state is kept. */
  readonly stop: () => Promise<void>;
  /** Ends it at once, as a power cut would. */
  readonly kill: () => Promise<void>;
}

/** A restored state of some hundred MB takes ten seconds to read on a slow disk. */
const readySeconds = 60;
/** Writing the state down takes a few seconds with tens of MB of layers. */
const stopGraceSeconds = 20;

/**
 * Starts the emulator alone, without a deployment, and makes this process trust its certificate.
 *
 * @throws LocalCloudError for a missing Python, a taken port, or an emulator that does not come up.
 */
export async function startEmulator(options: EmulatorOptions): Promise<Emulator> {
  const workspace = workspaceAt(options.directory);
  const python = await ensurePython(workspace.venvDirectory);
  const certificate = await ensureCertificate(workspace, python);
  await assertPortFree({ port: options.port, variable: 'PERENNIAL_CLOUD_PORT', purpose: 'AWS emulator' });
  return launchEmulator({ ...options, workspace, python, certificate });
}

export interface EmulatorLaunch extends Omit<EmulatorSettings, 'nodeProgram'> {
  readonly python: string;
  /** Called with the process group's number before it is known whether it comes up. */
  readonly onStarted?: (pid: number) => Promise<void>;
}

/** Starts the emulator with everything it needs at hand, and waits until it answers. */
export async function launchEmulator(launch: EmulatorLaunch): Promise<Emulator> {
  const { workspace, certificate, port } = launch;
  await prepareDirectories(workspace);
  const group = startGroup(launch.python, [join(import.meta.dirname, 'emulator', 'launch.py')], {
    environment: emulatorEnvironment({ ...launch, nodeProgram: process.execPath }, process.env),
    directory: workspace.directory,
    logFile: workspace.emulatorLog,
  });
  await launch.onStarted?.(group.pid);
  await trustAuthority(certificate.caFile);
  await waitUntilReady(port, group, workspace);
  return {
    endpointUrl: endpointUrl(port),
    caFile: certificate.caFile,
    environment: clientEnvironment(port, certificate.caFile),
    pid: group.pid,
    exit: group.exit,
    stop: () => stopGroup(group.pid, stopGraceSeconds),
    kill: () => killGroup(group.pid),
  };
}

async function prepareDirectories(workspace: Workspace): Promise<void> {
  await rm(workspace.runtimeDirectory, { recursive: true, force: true });
  await rm(workspace.emulatorLog, { force: true });
  const modules = join(workspace.runtimeDirectory, 'modules');
  const directories = [workspace.objectsDirectory, modules, workspace.logsDirectory];
  await Promise.all(directories.map((directory) => mkdir(directory, { recursive: true })));
  // What Lambda's Node runtime brings along, and nothing else: a forgotten bundle must fail here too.
  for (const scope of ['@aws-sdk', '@smithy']) {
    const source = join(repositoryDirectory, 'node_modules', scope);
    if (existsSync(source)) await symlink(source, join(modules, scope));
  }
}

async function waitUntilReady(port: number, group: ProcessGroup, workspace: Workspace): Promise<void> {
  const deadline = Date.now() + readySeconds * 1000;
  while (Date.now() < deadline) {
    if (!group.isRunning()) {
      throw new LocalCloudError(`The AWS emulator ended while it started (${await group.exit}).`, {
        evidence: await readTail(workspace.emulatorLog),
      });
    }
    if (await isReady(port)) return;
    await sleep(100);
  }
  await killGroup(group.pid);
  throw new LocalCloudError(`The AWS emulator did not answer within ${readySeconds} s.`, {
    evidence: await readTail(workspace.emulatorLog),
  });
}

/** Whether the emulator answers on a port. */
export async function isReady(port: number): Promise<boolean> {
  try {
    const url = `${endpointUrl(port)}/_ministack/health`;
    const answer = await fetch(url, { signal: AbortSignal.timeout(2000) });
    return answer.ok;
  } catch {
    return false;
  }
}

/** The last lines of a log file. */
export async function readTail(file: string, lines = 25): Promise<string> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text.trimEnd().split('\n').slice(-lines).join('\n');
}
