import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import type { CheckStarter } from '../../domain/registry/ports.ts';

/** A trained model is checked within five minutes: the client must not give up and ask a second time. */
const defaultClient = new LambdaClient({ maxAttempts: 1, requestHandler: { requestTimeout: 330_000 } });

/** Has versions checked by a function of their own; Lambda keeps what was accepted until it ran. */
export function createCheckStarter(functionName: string, client: LambdaClient = defaultClient): CheckStarter {
  return {
    start: async (request) => {
      await client.send(
        new InvokeCommand({
          FunctionName: functionName,
          InvocationType: 'Event',
          Payload: JSON.stringify(request),
        }),
      );
    },
    runToEnd: async (request) => {
      const { FunctionError, Payload } = await client.send(
        new InvokeCommand({ FunctionName: functionName, Payload: JSON.stringify(request) }),
      );
      if (FunctionError === undefined) return;
      throw new Error(`The check of a version failed: ${Payload?.transformToString() ?? FunctionError}`);
    },
  };
}
