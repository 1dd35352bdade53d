import { trustAuthority } from './certificate.ts';
import {
  type Connection,
  portablePath,
  readConnection,
  removeConnection,
  writeConnection,
} from './connection-file.ts';
import { clientEnvironment, endpointUrl, region } from './emulator-environment.ts';
import { removeRunning } from './running.ts';
import { type CloudDraft, draftCloud, present, startAgain, startStages } from './steps.ts';
import type { TenantTokens } from './tokens.ts';
import { defaultWorkspaceDirectory, workspaceAt } from './workspace.ts';

export interface CloudOptions {
  /** Where everything is kept. @default `.perennial` of the clone */
  readonly directory?: string;
  /** Port of the front door. @default 8080 */
  readonly port?: number;
  /** Port of the AWS emulator. @default 4566 */
  readonly cloudPort?: number;
  /** CDK context beside `platform` and `reservedConcurrency`, values as on the command line (objects as JSON). */
  readonly context?: Readonly<Record<string, string>>;
  /** Where the CDK app lies. @default the clone */
  readonly appDirectory?: string;
  /** Scales Step Functions' Wait states. @default 1, real time */
  readonly waitScale?: number;
  /** Forgets the state first. @default false */
  readonly fresh?: boolean;
}

/** A running local cloud with the platform deployed to it. */
export interface Cloud {
  /** The front door: what callers of the platform use. */
  readonly apiUrl: string;
  /** The emulator, by number: SDK clients then put S3 buckets in the path. */
  readonly awsEndpointUrl: string;
  readonly caFile: string;
  readonly region: string;
  readonly platformToken: string;
  /** One token per role of each tenant; `default` exists. */
  readonly tenants: Readonly<Record<string, TenantTokens>>;
  /** What a child process needs to call AWS as the account's root. */
  readonly environment: Readonly<Record<string, string>>;
  readonly directory: string;
  /** Ends with the reason when the emulator ends; never for a cloud of another process. */
  readonly exit: Promise<string>;
  /** Ends the emulator and its functions at once, as a power cut would; the front door answers 503. */
  readonly kill: () => Promise<void>;
  /** Starts the emulator again on the state that is left, after `kill` or in order. */
  readonly restart: () => Promise<void>;
  /** Ends everything in order and removes the connection file; the state is kept. */
  readonly stop: () => Promise<void>;
}

/**
 * Starts a local cloud, deploys the platform to it and makes the first tokens.
 *
 * @throws LocalCloudError for whatever of this machine stands in the way.
 */
export async function startCloud(options: CloudOptions = {}): Promise<Cloud> {
  const draft = draftCloud(options);
  try {
    for (const stage of startStages) {
      // All of them have ended before anything is cleaned up.
      const outcomes = await Promise.allSettled(stage.map((step) => step.run(draft, () => {})));
      for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
    }
    return await finishCloud(draft);
  } catch (error) {
    await abandonCloud(draft);
    throw error;
  }
}

/** A cloud that another process runs in `directory`; undefined when there is none that answers. */
export async function findRunningCloud(directory = defaultWorkspaceDirectory): Promise<Cloud | undefined> {
  const workspace = workspaceAt(directory);
  const connection = await readConnection(workspace);
  if (connection === undefined || !(await answers(connection.apiUrl))) return undefined;
  await trustAuthority(workspace.caFile);
  const port = Number(new URL(connection.awsEndpointUrl).port);
  const notOurs = () => Promise.reject(new Error('This local cloud belongs to another process.'));
  return {
    ...connection,
    awsEndpointUrl: endpointUrl(port),
    caFile: workspace.caFile,
    environment: clientEnvironment(port, workspace.caFile),
    directory: workspace.directory,
    exit: new Promise(() => {}),
    kill: notOurs,
    restart: notOurs,
    stop: () => Promise.resolve(),
  };
}

/** Turns a draft whose steps have all run into a cloud, and writes the connection file. */
export async function finishCloud(draft: CloudDraft): Promise<Cloud> {
  const { workspace, options } = draft;
  const { platformToken, tenants } = present(draft.tokens);
  const connection: Connection = {
    apiUrl: present(draft.frontDoor).url,
    awsEndpointUrl: `https://localhost:${options.cloudPort}`,
    caFile: portablePath(workspace.caFile),
    region,
    platformToken,
    tenants,
  };
  await writeConnection(workspace, connection);
  return {
    ...connection,
    awsEndpointUrl: present(draft.emulator).endpointUrl,
    caFile: workspace.caFile,
    environment: present(draft.emulator).environment,
    directory: workspace.directory,
    exit: present(draft.emulator).exit,
    kill: () => present(draft.emulator).kill(),
    restart: () => restart(draft),
    stop: () => abandonCloud(draft),
  };
}

async function restart(draft: CloudDraft): Promise<void> {
  await draft.emulator?.stop();
  draft.emulator = await startAgain(draft);
}

/** Ends whatever of a cloud is running. */
export async function abandonCloud(draft: CloudDraft): Promise<void> {
  if (draft.isOwner !== true) return;
  await removeConnection(draft.workspace);
  await draft.frontDoor?.close();
  await draft.emulator?.stop();
  await removeRunning(draft.workspace);
}

async function answers(apiUrl: string): Promise<boolean> {
  try {
    return (await fetch(`${apiUrl}/health`, { signal: AbortSignal.timeout(3000) })).ok;
  } catch {
    return false;
  }
}
