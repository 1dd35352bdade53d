import { setTimeout } from 'node:timers/promises';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetParameterCommand, ParameterNotFound, SSMClient } from '@aws-sdk/client-ssm';
import * as z from 'zod';

const FUNCTION_NAME = 'deployment/remove-run-time-resources-function-name';

/** What the function answers; it removes as much as fits its time and is called again for the rest. */
const answer = z.object({ removed: z.number().int(), remaining: z.number().int() });

/** More would mean that nothing moves any more: each call has minutes of its own. */
const MAX_CALLS = 100;

/**
 * Removes what the platform made at run time (endpoint functions, routes, roles): the stacks do not know it.
 *
 * @throws Error when something stays, naming how much.
 */
export async function removeRunTimeResources(installation: string): Promise<void> {
  const functionName = await findFunction(`/perennial/${installation}/${FUNCTION_NAME}`);
  if (functionName === undefined) return;
  for (let call = 0; call < MAX_CALLS; call += 1) {
    const { removed, remaining } = await invoke(functionName);
    if (removed > 0) console.log(`removed: ${removed} resources made at run time`);
    if (remaining === 0) return;
    await setTimeout(1000);
  }
  throw new Error('Resources that were made at run time are still there; their names are in the log above.');
}

async function findFunction(name: string): Promise<string | undefined> {
  try {
    const { Parameter } = await new SSMClient({}).send(new GetParameterCommand({ Name: name }));
    return Parameter?.Value;
  } catch (error) {
    if (error instanceof ParameterNotFound) return undefined;
    throw error;
  }
}

async function invoke(functionName: string) {
  const { Payload, FunctionError } = await new LambdaClient({}).send(
    new InvokeCommand({ FunctionName: functionName, Payload: '{}' }),
  );
  const text = Buffer.from(Payload ?? []).toString();
  if (FunctionError) throw new Error(`Removing what was made at run time failed: ${text}`);
  return answer.parse(JSON.parse(text));
}
