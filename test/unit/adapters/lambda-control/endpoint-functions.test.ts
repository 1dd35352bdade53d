import {
  CreateAliasCommand,
  CreateFunctionCommand,
  GetAliasCommand,
  GetFunctionConfigurationCommand,
  InvalidParameterValueException,
  InvokeCommand,
  LambdaClient,
  PublishVersionCommand,
  PutFunctionConcurrencyCommand,
  ResourceNotFoundException,
  UpdateAliasCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { makeEndpointFunctions } from '../../../../adapters/lambda-control/endpoint-functions.ts';
import type { FunctionSpecification } from '../../../../domain/deployment/ports.ts';

const lambda = mockClient(LambdaClient);
const absent = new ResourceNotFoundException({ $metadata: {}, message: 'absent' });
const functions = makeEndpointFunctions(
  {
    installation: 'perennial',
    bundle: { bucket: 'assets', key: 'bundle.zip' },
    layerArn: 'arn:layer',
    architecture: 'arm64',
    logGroupName: 'endpoints',
    artifactBucket: 'artifacts',
    publicKeysPem: async () => ['PEM'],
  },
  new LambdaClient({}),
);
const specification = {
  tenant: 'acme',
  endpoint: 'flights',
  functionName: 'perennial-ep-flights',
  roleArn: 'arn:role',
  memoryMb: 1024,
  reservedConcurrency: 3,
  capture: { enabled: true, drop: ['name'] },
  version: {
    model: 'delays',
    version: 7,
    artifactPrefix: 'tenants/acme/models/m/versions/7/',
    statementDigest: 'abc',
  },
} as unknown as FunctionSpecification;

beforeEach(() => lambda.reset());

describe('publish', () => {
  it('makes a tagged function that knows its one version, and publishes it', async () => {
    lambda
      .on(GetFunctionConfigurationCommand)
      .rejectsOnce(absent)
      .resolves({ State: 'Active', LastUpdateStatus: 'Successful' });
    lambda.on(PublishVersionCommand).resolves({ Version: '1' });

    const published = await functions.publish(specification);

    expect(published).toEqual({
      functionName: 'perennial-ep-flights',
      functionVersion: '1',
      servingBundle: 'bundle.zip',
    });
    expect(lambda.commandCalls(CreateFunctionCommand)[0]?.args[0].input).toMatchObject({
      Tags: { 'perennial:tenant': 'acme', 'perennial:endpoint': 'flights' },
      Layers: ['arn:layer'],
      LoggingConfig: { LogFormat: 'JSON', LogGroup: 'endpoints' },
      Environment: {
        Variables: {
          MODEL_VERSION: '7',
          MANIFEST_DIGEST: 'abc',
          SIGNING_PUBLIC_KEYS: '["PEM"]',
          CAPTURE: '{"enabled":true,"drop":["name"]}',
        },
      },
    });
    expect(lambda.commandCalls(PutFunctionConcurrencyCommand)).toHaveLength(1);
  });

  it('updates the code only when the release of the runtime is another one', async () => {
    const ready = { State: 'Active', LastUpdateStatus: 'Successful' } as const;
    lambda
      .on(GetFunctionConfigurationCommand)
      .resolves({ ...ready, Environment: { Variables: { SERVING_BUNDLE: 'bundle.zip' } } });
    lambda.on(PublishVersionCommand).resolves({ Version: '2' });

    await functions.publish(specification);

    expect(lambda.commandCalls(UpdateFunctionConfigurationCommand)).toHaveLength(1);
    expect(lambda.commandCalls(UpdateFunctionCodeCommand)).toHaveLength(0);
  });

  it('asks to be repeated while Lambda does not know the new role', async () => {
    lambda.on(GetFunctionConfigurationCommand).rejects(absent);
    lambda.on(CreateFunctionCommand).rejects(
      new InvalidParameterValueException({
        $metadata: {},
        message: 'The role defined for the function cannot be assumed by Lambda.',
      }),
    );

    await expect(functions.publish(specification)).rejects.toMatchObject({ name: 'FunctionNotReadyError' });
  });

  it('says why when Lambda gave up on the function', async () => {
    lambda.on(GetFunctionConfigurationCommand).resolves({ State: 'Failed', StateReason: 'no layer' });

    await expect(functions.publish(specification)).rejects.toThrow('no layer');
  });
});

describe('setTraffic', () => {
  it('takes the weights away with the candidate', async () => {
    lambda.on(UpdateAliasCommand).resolves({});

    await functions.setTraffic('f', '1');

    expect(lambda.commandCalls(UpdateAliasCommand)[0]?.args[0].input).toMatchObject({
      Name: 'live',
      FunctionVersion: '1',
      RoutingConfig: { AdditionalVersionWeights: {} },
    });
  });

  it('makes the alias when it is not there', async () => {
    lambda.on(UpdateAliasCommand).rejects(absent);
    lambda.on(CreateAliasCommand).resolves({});

    await functions.setTraffic('f', '1', { functionVersion: '2', weight: 0.1 });

    expect(lambda.commandCalls(CreateAliasCommand)[0]?.args[0].input).toMatchObject({
      RoutingConfig: { AdditionalVersionWeights: { '2': 0.1 } },
    });
  });
});

describe('getTraffic', () => {
  it('reads where the alias points, with a share or without', async () => {
    lambda
      .on(GetAliasCommand, { FunctionName: 'f', Name: 'live' })
      .resolvesOnce({
        FunctionVersion: '1',
        RoutingConfig: { AdditionalVersionWeights: { 2: 0.1 } },
      })
      .resolvesOnce({ FunctionVersion: '2' });

    expect(await functions.getTraffic('f')).toEqual({
      primary: '1',
      candidate: { functionVersion: '2', weight: 0.1 },
    });
    expect(await functions.getTraffic('f')).toEqual({ primary: '2', candidate: undefined });
  });

  it('answers undefined when the alias is gone', async () => {
    lambda.on(GetAliasCommand).rejects(absent);

    expect(await functions.getTraffic('f')).toBeUndefined();
  });
});

describe('check', () => {
  const published = { functionName: 'f', functionVersion: '2', servingBundle: 'b' };
  const answer = (payload: object) => ({ transformToString: () => JSON.stringify(payload) }) as never;

  it('passes on what the version found', async () => {
    lambda.on(InvokeCommand).resolves({ Payload: answer({ ok: true, maxDifference: 1e-7, loadMs: 12 }) });

    expect(await functions.check(published)).toEqual({ ok: true, maxDifference: 1e-7, loadMs: 12 });
    expect(lambda.commandCalls(InvokeCommand)[0]?.args[0].input).toMatchObject({ Qualifier: '2' });
  });

  it.each([
    [
      'a wrong answer',
      { Payload: answer({ ok: false, error: 'outputs[0] is 1 instead of 2' }) },
      'instead of 2',
    ],
    [
      'a process that died',
      { FunctionError: 'Unhandled', Payload: answer({ errorType: 'Runtime.ExitError' }) },
      'Runtime.ExitError',
    ],
    ['no answer at all', { Payload: answer({}) }, 'no answer'],
  ])('gives the reason for %s', async (_, invocation, reason) => {
    lambda.on(InvokeCommand).resolves(invocation);

    const check = await functions.check(published);

    expect(check).toMatchObject({ ok: false, reason: expect.stringContaining(reason) });
  });
});
