import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { GetParametersCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { clientSettings } from './aws-clients.ts';
import { type Emulator, readTail } from './emulator.ts';
import { LocalCloudError } from './errors.ts';
import { killGroup, startGroup } from './process-group.ts';
import { repositoryDirectory, type Workspace } from './workspace.ts';

/** A CDK app as its command line sees it. */
export interface CdkApp {
  /** Where its cdk.json lies. @default the repository */
  readonly directory?: string;
  /** CDK context, that is the installation's settings. */
  readonly context: Readonly<Record<string, string>>;
}

/** Bundling and checking take 10 to 20 s on two cores. */
const synthSeconds = 180;
const bootstrapSeconds = 120;
/** A first deploy takes about a minute; a custom resource that never answers would take an hour. */
const deploySeconds = 600;

/** The platform whose native binaries this machine loads, as the setting `platform` names it. */
export function hostPlatform(
  platform: string = process.platform,
  architecture: string = process.arch,
): string {
  return `${platform}-${architecture}`;
}

/** Makes the templates and assets; nothing of it is local. */
export async function synthesize(workspace: Workspace, app: CdkApp): Promise<string> {
  await rm(workspace.assemblyDirectory, { recursive: true, force: true });
  const context = Object.entries(app.context).flatMap(([key, value]) => ['--context', `${key}=${value}`]);
  await runCdk(workspace, ['synth', '--quiet', '--output', workspace.assemblyDirectory, ...context], {
    seconds: synthSeconds,
    directory: app.directory ?? repositoryDirectory,
    environment: {},
  });
  return assemblyDigest(workspace.assemblyDirectory);
}

/** Changes with every template and every asset: asset manifests name assets by their content. */
export async function assemblyDigest(directory: string): Promise<string> {
  const names = (await readdir(directory)).filter((name) => /\.(template|assets)\.json$/.test(name)).sort();
  const hash = createHash('sha256');
  for (const name of names) hash.update(name).update(await readFile(join(directory, name)));
  return hash.digest('hex');
}

/** Makes what CDK needs in an account before the first deploy; leaves an account that has it alone. */
export async function bootstrap(workspace: Workspace, emulator: Emulator): Promise<void> {
  if ((await stackStatuses(emulator)).has('CDKToolkit')) return;
  await runCdk(workspace, ['bootstrap', 'aws://000000000000/us-east-1'], {
    seconds: bootstrapSeconds,
    directory: workspace.directory,
    environment: emulator.environment,
  });
}

/** Deploys all stacks, unless the same assembly is deployed already. @returns whether anything was deployed */
export async function deploy(
  workspace: Workspace,
  emulator: Emulator,
  digest: string,
  onStack: (stack: string) => void = () => {},
): Promise<boolean> {
  if (await isDeployed(emulator, digest)) return false;
  const args = [
    'deploy',
    '--all',
    '--app',
    workspace.assemblyDirectory,
    '--require-approval',
    'never',
    '--progress',
    'events',
  ];
  await runCdk(workspace, [...args, '--method', 'direct', '--output', workspace.assemblyDirectory], {
    seconds: deploySeconds,
    directory: workspace.directory,
    environment: emulator.environment,
    onStack,
  });
  await new SSMClient(clientSettings(emulator.endpointUrl)).send(
    new PutParameterCommand({ Name: digestParameter, Value: digest, Type: 'String', Overwrite: true }),
  );
  return true;
}

/** In the emulator itself, so that a kill takes it back together with what was deployed. */
const digestParameter = '/local-cloud/deployed-assembly';

async function isDeployed(emulator: Emulator, digest: string): Promise<boolean> {
  const client = new SSMClient(clientSettings(emulator.endpointUrl));
  const { Parameters = [] } = await client.send(new GetParametersCommand({ Names: [digestParameter] }));
  return Parameters[0]?.Value === digest;
}

async function stackStatuses(emulator: Emulator): Promise<Map<string, string>> {
  const client = new CloudFormationClient(clientSettings(emulator.endpointUrl));
  const { Stacks = [] } = await client.send(new DescribeStacksCommand({}));
  return new Map(Stacks.map((stack) => [stack.StackName ?? '', stack.StackStatus ?? '']));
}

interface CdkRun {
  readonly seconds: number;
  readonly directory: string;
  readonly environment: Record<string, string>;
  readonly onStack?: (stack: string) => void;
}

async function runCdk(workspace: Workspace, args: readonly string[], run: CdkRun): Promise<void> {
  const logFile = join(dirname(workspace.deployLog), `cdk-${args[0]}.log`);
  await mkdir(dirname(logFile), { recursive: true });
  await rm(logFile, { force: true });
  const program = join(repositoryDirectory, 'node_modules', 'aws-cdk', 'bin', 'cdk');
  const group = startGroup(process.execPath, [program, ...args, '--no-color'], {
    environment: cdkEnvironment(run.environment, process.env),
    directory: run.directory,
    logFile,
  });
  const deadline = Date.now() + run.seconds * 1000;
  const reported = new Set<string>();
  while (group.isRunning() && Date.now() < deadline) {
    await Promise.race([group.exit, sleep(250)]);
    await reportStacks(logFile, reported, run.onStack);
  }
  const isLate = group.isRunning();
  await killGroup(group.pid);
  const outcome = isLate ? `took longer than ${run.seconds} s` : await group.exit;
  if (outcome === 'exit code 0') return;
  throw new LocalCloudError(`'cdk ${args[0]}' failed (${outcome}); its output is in ${logFile}.`, {
    evidence: await readTail(logFile, 40),
  });
}

async function reportStacks(
  logFile: string,
  reported: Set<string>,
  onStack?: (stack: string) => void,
): Promise<void> {
  if (onStack === undefined || !existsSync(logFile)) return;
  for (const stack of finishedStacks(await readFile(logFile, 'utf8'))) {
    if (!reported.has(stack)) onStack(stack);
    reported.add(stack);
  }
}

/** The stacks that a `cdk deploy` has finished, from its output so far. */
export function finishedStacks(output: string): string[] {
  return [...output.matchAll(/^ ?✅ {2}(\S+)/gm)].map((match) => match[1] ?? '');
}

/** The environment of the CDK: the project's Node first, no account, profile or proxy of the user's own. */
export function cdkEnvironment(own: Record<string, string>, inherited: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(inherited).filter(
    ([name]) => !/^(AWS_|CDK_|https?_proxy$|all_proxy$)/i.test(name),
  );
  return {
    ...Object.fromEntries(kept),
    PATH: [dirname(process.execPath), inherited.PATH ?? ''].join(delimiter),
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    CDK_DISABLE_CLI_TELEMETRY: 'true',
    ...own,
  };
}
