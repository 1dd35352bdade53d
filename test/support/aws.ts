import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { clientSettings } from '../../local/aws-clients.ts';
import type { Cloud } from '../../local/cloud.ts';

/** Settings of an SDK client that looks, as the account's root, at what is really there. */
export function rootSettings(cloud: Cloud) {
  return { ...clientSettings(cloud.awsEndpointUrl), forcePathStyle: true };
}

/** A value that one of the stacks published, such as `state/capture-bucket-name`. */
export async function readShared(cloud: Cloud, name: string): Promise<string> {
  const command = new GetParameterCommand({ Name: `/perennial/perennial/${name}` });
  const { Parameter } = await new SSMClient(rootSettings(cloud)).send(command);
  return Parameter?.Value ?? '';
}
