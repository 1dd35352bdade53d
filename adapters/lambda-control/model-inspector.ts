import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import type { ModelCheck, ModelChecker } from '../../domain/registry/ports.ts';

/** An inspection takes a minute at most; a second one must not start meanwhile. */
const defaultClient = new LambdaClient({ maxAttempts: 1, requestHandler: { requestTimeout: 90_000 } });

/** How a function ends whose model takes too much: https://docs.aws.amazon.com/lambda/latest/dg/troubleshooting-invocation.html */
const VERDICTS: readonly (readonly [pattern: RegExp, reason: string])[] = [
  [
    /Sandbox\.Timedout|Task timed out/,
    'Loading and running the model takes longer than a minute. Look for loops without an end, or use a smaller model.',
  ],
  [
    /OutOfMemory|Runtime\.ExitError|signal: killed/,
    'The process that loaded the model died: it needs more than 3 GB, or the file makes onnxruntime crash. ' +
      'Look for tensors that grow with each step, use a smaller model, or export it again.',
  ],
];

/** Has models loaded and run by a function that can be lost without harm. */
export function createModelInspector(
  functionName: string,
  client: LambdaClient = defaultClient,
): ModelChecker {
  return {
    check: async (input) => {
      const { FunctionError, Payload } = await client.send(
        new InvokeCommand({ FunctionName: functionName, Payload: JSON.stringify(input) }),
      );
      const text = Payload?.transformToString() ?? '';
      if (FunctionError === undefined) return JSON.parse(text) as ModelCheck;
      const [, reason] = VERDICTS.find(([pattern]) => pattern.test(text)) ?? [];
      if (reason === undefined) throw new Error(`The inspection of a model failed: ${text.slice(0, 1000)}`);
      return { ok: false, reasons: [reason], externalData: [], warnings: [], loadMs: 0 };
    },
  };
}
