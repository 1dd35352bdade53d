import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { ExecutionAlreadyExists, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { makeRolloutRunner } from '../../../../adapters/stepfunctions/rollout-runner.ts';

const sfn = mockClient(SFNClient);
const lambda = mockClient(LambdaClient);
const runner = makeRolloutRunner({
  stateMachineArn: 'arn:machine',
  advanceFunctionName: 'advance',
  removeFunctionName: 'remove',
});
const failure = (errorType: string) => ({
  FunctionError: 'Unhandled',
  Payload: { transformToString: () => JSON.stringify({ errorType }) } as never,
});

beforeEach(() => {
  sfn.reset();
  lambda.reset();
});

describe('makeRolloutRunner', () => {
  it('names an execution after rollout and generation, and takes a second start for done', async () => {
    sfn.on(StartExecutionCommand).rejects(new ExecutionAlreadyExists({ $metadata: {}, message: 'there' }));

    await runner.start('acme', 'rol_1', 2);

    expect(sfn.commandCalls(StartExecutionCommand)[0]?.args[0].input).toMatchObject({ name: 'rol_1-2' });
  });

  it('tries again when a tick came in between', async () => {
    lambda.on(InvokeCommand).resolvesOnce(failure('ConcurrentChangeError')).resolves({});

    await runner.advanceNow('acme', 'rol_1');

    expect(lambda.commandCalls(InvokeCommand)).toHaveLength(2);
  });

  it('tells of a command that was not taken up', async () => {
    lambda.on(InvokeCommand).resolves(failure('AccessDenied'));

    await expect(runner.advanceNow('acme', 'rol_1')).rejects.toThrow('AccessDenied');
  });

  it('does not wait for a removal', async () => {
    lambda.on(InvokeCommand).resolves({});

    await runner.removeEndpoint('acme', 'flights');

    expect(lambda.commandCalls(InvokeCommand)[0]?.args[0].input).toMatchObject({ InvocationType: 'Event' });
  });
});
