import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { GetParametersCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { clientSettings } from './aws-clients.ts';
import { runCdk } from './cdk.ts';
import type { Emulator } from './emulator.ts';
import type { Workspace } from './workspace.ts';

const bootstrapSeconds = 120;
/** A first deploy takes about a minute; a custom resource that never answers would take an hour. */
const deploySeconds = 600;
/** In the emulator itself, so that a kill takes it back together with what was deployed. */
const digestParameter = '/local-cloud/deployed-assembly';

/** The platform whose native binaries this machine loads, as the setting `platform` names it. */
export function hostPlatform(
  platform: string = process.platform,
  architecture: string = process.arch,
): string {
  return `${platform}-${architecture}`;
}

/** Makes what CDK needs in an account before the first deploy; leaves an account that has it alone. */
export async function bootstrap(workspace: Workspace, emulator: Emulator): Promise<void> {
  const client = new CloudFormationClient(clientSettings(emulator.endpointUrl));
  const { Stacks = [] } = await client.send(new DescribeStacksCommand({}));
  if (Stacks.some((stack) => stack.StackName === 'CDKToolkit')) return;
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
  const client = new SSMClient(clientSettings(emulator.endpointUrl));
  if ((await deployedDigest(client)) === digest) return false;
  const where = ['--app', workspace.assemblyDirectory, '--output', workspace.assemblyDirectory];
  // Without change sets: nobody looks at them here, and each stack costs five seconds less.
  const how = ['--require-approval', 'never', '--method', 'direct', '--progress', 'events'];
  await runCdk(workspace, ['deploy', '--all', ...where, ...how], {
    seconds: deploySeconds,
    directory: workspace.directory,
    environment: emulator.environment,
    onStack,
  });
  const parameter = { Name: digestParameter, Value: digest, Type: 'String', Overwrite: true } as const;
  await client.send(new PutParameterCommand(parameter));
  return true;
}

async function deployedDigest(client: SSMClient): Promise<string | undefined> {
  const { Parameters } = await client.send(new GetParametersCommand({ Names: [digestParameter] }));
  return Parameters?.[0]?.Value;
}
