import { InvokeCommand, LambdaClient, paginateListFunctions } from '@aws-sdk/client-lambda';
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

/** Calls the platform's function whose name has that part, as an event source or a schedule would. */
export async function invokeFunction(cloud: Cloud, namePart: string, payload: unknown): Promise<unknown> {
  const client = new LambdaClient(rootSettings(cloud));
  for await (const { Functions = [] } of paginateListFunctions({ client }, {})) {
    const FunctionName = Functions.find((it) => it.FunctionName?.includes(namePart))?.FunctionName;
    if (FunctionName === undefined) continue;
    const command = new InvokeCommand({ FunctionName, Payload: JSON.stringify(payload) });
    const { Payload, FunctionError } = await client.send(command);
    const answer = JSON.parse(Payload?.transformToString() || 'null');
    if (FunctionError !== undefined) throw new Error(`${FunctionName}: ${JSON.stringify(answer)}`);
    return answer;
  }
  throw new Error(`There is no function ${namePart}.`);
}
