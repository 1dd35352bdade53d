import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { createCheckStarter } from '../../../../adapters/lambda-control/check-starter.ts';
import { createModelInspector } from '../../../../adapters/lambda-control/model-inspector.ts';

const client = new LambdaClient({ region: 'us-east-1' });
const lambda = mockClient(client);
const input = { prefix: 'p/', files: [], modelFile: 'model.onnx' };
const request = { tenant: 'acme', modelId: 'mdl_1', version: 1, actor: 'a', requestId: 'r' };
const payload = (value: unknown) => ({ transformToString: () => JSON.stringify(value) }) as never;

beforeEach(() => lambda.reset());

describe('createModelInspector', () => {
  it('hands on the verdict', async () => {
    lambda.on(InvokeCommand).resolves({ Payload: payload({ ok: true }) });

    expect(await createModelInspector('inspect', client).check(input)).toEqual({ ok: true });
  });

  it.each([
    ['Sandbox.Timedout', 'longer than a minute'],
    ['Runtime.OutOfMemory', 'died'],
    ['Runtime.ExitError', 'died'],
  ])('refuses a model whose process ended with %s', async (errorType, reason) => {
    lambda.on(InvokeCommand).resolves({ FunctionError: 'Unhandled', Payload: payload({ errorType }) });

    const verdict = await createModelInspector('inspect', client).check(input);

    expect(verdict).toMatchObject({ ok: false, reasons: [expect.stringContaining(reason)] });
  });

  it('does not take a failure of the platform for a verdict', async () => {
    lambda
      .on(InvokeCommand)
      .resolves({ FunctionError: 'Unhandled', Payload: payload({ errorType: 'AccessDenied' }) });

    await expect(createModelInspector('inspect', client).check(input)).rejects.toThrow('AccessDenied');
  });
});

describe('createCheckStarter', () => {
  it('starts a check without waiting', async () => {
    lambda.on(InvokeCommand).resolves({ StatusCode: 202 });

    await createCheckStarter('check', client).start(request);

    expect(lambda.commandCalls(InvokeCommand)[0]?.args[0].input).toEqual({
      FunctionName: 'check',
      InvocationType: 'Event',
      Payload: JSON.stringify(request),
    });
  });

  it('waits for the end, and fails when the check did', async () => {
    lambda
      .on(InvokeCommand)
      .resolvesOnce({})
      .resolvesOnce({ FunctionError: 'Unhandled', Payload: payload({ errorType: 'Boom' }) })
      .resolves({ FunctionError: 'Unhandled' });
    const starter = createCheckStarter('check', client);

    await expect(starter.runToEnd(request)).resolves.toBeUndefined();
    await expect(starter.runToEnd(request)).rejects.toThrow('Boom');
    await expect(starter.runToEnd(request)).rejects.toThrow('Unhandled');
  });
});
