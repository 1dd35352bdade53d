import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { ExecutionAlreadyExists, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import type { RolloutRunner } from '../../domain/deployment/ports.ts';

export interface RolloutRunnerSettings {
  readonly stateMachineArn: string;
  readonly advanceFunctionName: string;
  readonly removeFunctionName: string;
}

/** The machine `roll-out-version`, and the functions that are called between its ticks. */
export function makeRolloutRunner(
  settings: RolloutRunnerSettings,
  clients = { sfn: new SFNClient({}), lambda: new LambdaClient({}) },
): RolloutRunner {
  const { sfn, lambda } = clients;
  return {
    start: async (tenant, rolloutId, generation) => {
      const command = new StartExecutionCommand({
        stateMachineArn: settings.stateMachineArn,
        // One name per generation: Step Functions itself refuses a second start.
        name: `${rolloutId}-${generation}`,
        input: JSON.stringify({ tenant, rolloutId, generation }),
      });
      await sfn.send(command).catch((error: unknown) => {
        if (!(error instanceof ExecutionAlreadyExists)) throw error;
      });
    },
    advanceNow: (tenant, rolloutId) =>
      advanceNow(lambda, settings.advanceFunctionName, { tenant, rolloutId }),
    removeEndpoint: async (tenant, endpoint) => {
      await lambda.send(
        new InvokeCommand({
          FunctionName: settings.removeFunctionName,
          InvocationType: 'Event',
          Payload: JSON.stringify({ tenant, endpoint }),
        }),
      );
    },
  };
}

/** A tick of the machine may come in between: the second try then finds what is left to do. */
const ATTEMPTS = 4;

async function advanceNow(lambda: LambdaClient, functionName: string, rollout: object): Promise<void> {
  let answer = '';
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const { FunctionError, Payload } = await lambda.send(
      new InvokeCommand({ FunctionName: functionName, Payload: JSON.stringify(rollout) }),
    );
    if (FunctionError === undefined) return;
    answer = Payload?.transformToString() ?? '';
    if (!answer.includes('ConcurrentChangeError')) break;
  }
  throw new Error(`The rollout was not advanced: ${answer}`);
}
