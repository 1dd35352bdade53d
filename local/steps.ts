import { mkdir, readFile, rm } from 'node:fs/promises';
import { synthesize } from './assembly.ts';
import { type Certificate, ensureCertificate } from './certificate.ts';
import type { CloudOptions } from './cloud.ts';
import { bootstrap, deploy, hostPlatform } from './deployment.ts';
import { type Emulator, launchEmulator } from './emulator.ts';
import { LocalCloudError } from './errors.ts';
import { type FrontDoor, openFrontDoor } from './front-door.ts';
import { type Installation, readInstallation } from './installation.ts';
import { assertPortFree } from './ports.ts';
import { ensurePython } from './python.ts';
import { cleanUpEarlierRun, writeRunning } from './running.ts';
import { ensureTokens, type Tokens } from './tokens.ts';
import { defaultWorkspaceDirectory, type Workspace, workspaceAt } from './workspace.ts';

/** A cloud that is being started: each step adds its part. */
export interface CloudDraft {
  readonly options: Required<Pick<CloudOptions, 'port' | 'cloudPort'>> & CloudOptions;
  readonly workspace: Workspace;
  /** Set once no other run holds the workspace: only then may this one remove its files. */
  isOwner?: boolean;
  python?: string;
  certificate?: Certificate;
  emulator?: Emulator;
  digest?: string;
  installation?: Installation;
  frontDoor?: FrontDoor;
  tokens?: Tokens;
}

export interface Step {
  readonly title: string;
  /** `report` says what is going on inside the step. */
  readonly run: (draft: CloudDraft, report: (text: string) => void) => Promise<void>;
}

/** Steps of one stage run side by side; stages follow each other. */
export const startStages: readonly (readonly Step[])[] = [
  [{ title: 'Check the ports and what an earlier run left', run: prepare }],
  [
    { title: 'Prepare Python and the certificate, start the AWS emulator', run: startTheEmulator },
    { title: 'Synthesize the stacks', run: synthesizeStacks },
  ],
  [{ title: 'Deploy the stacks', run: deployStacks }],
  [{ title: 'Open the front door', run: openTheFrontDoor }],
  [{ title: 'Make the platform token and the tenant', run: makeTokens }],
];

export function draftCloud(options: CloudOptions): CloudDraft {
  const ports = { port: options.port ?? 8080, cloudPort: options.cloudPort ?? 4566 };
  return {
    options: { ...options, ...ports },
    workspace: workspaceAt(options.directory ?? defaultWorkspaceDirectory),
  };
}

async function prepare(draft: CloudDraft): Promise<void> {
  const { options, workspace } = draft;
  await cleanUpEarlierRun(workspace);
  draft.isOwner = true;
  await assertPortFree({ port: options.port, variable: 'PERENNIAL_PORT', purpose: 'front door' });
  await assertPortFree({
    port: options.cloudPort,
    variable: 'PERENNIAL_CLOUD_PORT',
    purpose: 'AWS emulator',
  });
  if (options.fresh === true) {
    const forgotten = [workspace.stateDirectory, workspace.assemblyDirectory];
    await Promise.all(forgotten.map((directory) => rm(directory, { recursive: true, force: true })));
  }
  await mkdir(workspace.stateDirectory, { recursive: true });
}

async function startTheEmulator(draft: CloudDraft, report: (text: string) => void): Promise<void> {
  const { options, workspace } = draft;
  report('Python packages');
  draft.python = await ensurePython(workspace.venvDirectory);
  draft.certificate = await ensureCertificate(workspace, draft.python);
  report(`emulator on port ${options.cloudPort}`);
  draft.emulator = await startAgain(draft);
}

/** Starts the emulator on the state it left; used by a restart, too. */
export async function startAgain(draft: CloudDraft): Promise<Emulator> {
  const { python, certificate, workspace, options } = draft;
  if (python === undefined || certificate === undefined) throw new Error('not prepared');
  const settings = options.waitScale === undefined ? {} : { waitScale: options.waitScale };
  return launchEmulator({
    workspace,
    python,
    certificate,
    port: options.cloudPort,
    ...settings,
    // Known to a later run even when this one is killed while the emulator starts.
    onStarted: (emulatorPid) => writeRunning(workspace, { mainPid: process.pid, emulatorPid }),
  });
}

async function synthesizeStacks(draft: CloudDraft): Promise<void> {
  const context = { ...localContext(), ...draft.options.context };
  const directory = draft.options.appDirectory;
  draft.digest = await synthesize(draft.workspace, {
    context,
    ...(directory === undefined ? {} : { directory }),
  });
}

/**
 * The settings in which a local installation differs from the defaults on AWS: windows are judged every minute
 * and captures are not held back, so that a person at a laptop sees what happens, and webhooks may call it.
 */
function localContext(): Record<string, string> {
  return {
    platform: hostPlatform(),
    reservedConcurrency: 'true',
    driftEvaluationMinutes: '1',
    captureBufferSeconds: '0',
    capturePathSeconds: '15',
    webhookReceivers: '["localhost"]',
  };
}

async function deployStacks(draft: CloudDraft, report: (text: string) => void): Promise<void> {
  const { workspace } = draft;
  const emulator = present(draft.emulator);
  report('what CDK needs in an account');
  await bootstrap(workspace, emulator);
  report('first stack');
  const deployed = await deploy(workspace, emulator, present(draft.digest), (stack) =>
    report(`${stack} is deployed`),
  );
  if (!deployed) report('nothing changed');
}

async function openTheFrontDoor(draft: CloudDraft): Promise<void> {
  const name = draft.options.context?.installation ?? 'perennial';
  draft.installation = await readInstallation(present(draft.emulator).endpointUrl, name);
  const { httpApiId, throttle } = draft.installation;
  draft.frontDoor = await openFrontDoor({
    port: draft.options.port,
    upstreamUrl: `${present(draft.emulator).endpointUrl}/_aws/execute-api/${httpApiId}/$default`,
    authority: await readFile(draft.workspace.caFile, 'utf8'),
    ...(throttle === undefined ? {} : { throttle }),
  });
}

async function makeTokens(draft: CloudDraft): Promise<void> {
  const apiUrl = present(draft.frontDoor).url;
  draft.tokens = await ensureTokens(draft.workspace.tokensFile, apiUrl, present(draft.installation));
}

/** A part that an earlier step has added. */
export function present<Part>(part: Part | undefined): Part {
  if (part === undefined) throw new LocalCloudError('A step of the start was left out.');
  return part;
}
