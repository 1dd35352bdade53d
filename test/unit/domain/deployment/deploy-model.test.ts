import { describe, expect, it } from 'vitest';
import { deployModel, toEndpointName } from '../../../../domain/deployment/deploy-model.ts';
import { explainFailure } from '../../../../domain/deployment/explain-failure.ts';
import { readEndpoints } from '../../../../domain/deployment/read-endpoints.ts';
import { DeploymentWorld } from '../../../support/deployment-world.ts';

const INPUT = { model: 'delays', version: 1, memoryMb: 1024 };

describe('deployModel', () => {
  it('creates an endpoint named after the model', async () => {
    const world = new DeploymentWorld();

    const { endpoint, rollout } = await deployModel(world, world.context(), INPUT);

    expect(endpoint.value).toMatchObject({ name: 'delays', status: 'CREATING', rollout: rollout.value.id });
  });

  it('rolls out on the endpoint that exists', async () => {
    const world = new DeploymentWorld();
    await world.serveFirstVersion();

    const input = { ...INPUT, version: 2, endpoint: 'flights', strategy: 'all-at-once' };
    const { rollout } = await deployModel(world, world.context(), input);

    expect(rollout.value).toMatchObject({ version: 2, strategy: 'all-at-once' });
  });

  it('does not put one model onto the endpoint of another', async () => {
    const world = new DeploymentWorld();
    await world.serveFirstVersion();

    const refused = deployModel(world, world.context(), { ...INPUT, model: 'prices', endpoint: 'flights' });

    await expect(refused).rejects.toThrow("serves the model 'delays'");
  });

  it.each([
    ['delays', /^delays$/],
    ['Flight Delays', /^flight-delays-[0-9a-f]{8}$/],
    ['2024 model', /^model-[0-9a-f]{8}$/],
    ['Ä', /^model-[0-9a-f]{8}$/],
    ['x'.repeat(90), /^x{39}-[0-9a-f]{8}$/],
  ])('makes of the model %s an endpoint name', (model, pattern) => {
    expect(toEndpointName(model)).toMatch(pattern);
    expect(toEndpointName(model)).toMatch(/^[a-z][a-z0-9-]{0,47}$/);
  });
});

describe('readEndpoints', () => {
  it('finds endpoints by name and by model', async () => {
    const world = new DeploymentWorld();
    await world.serveFirstVersion();
    const reader = readEndpoints(world.store);

    const expected = {
      name: 'flights',
      target: 'platform',
      model: 'delays',
      version: 1,
      status: 'IN_SERVICE',
    };
    expect(await reader.find('acme', 'flights')).toMatchObject(expected);
    expect(await reader.find('acme', 'trains')).toBeUndefined();
    expect(await reader.listOfModel('acme', 'delays')).toMatchObject([expected]);
    expect(await reader.listOfModel('umbrella', 'delays')).toEqual([]);
  });

  it('tells whose a function version is', async () => {
    const world = new DeploymentWorld();
    await world.serveFirstVersion();
    const reader = readEndpoints(world.store);

    const served = await reader.findServed(world.names.functionName('acme', 'flights'), '1');

    expect(served).toEqual({ tenant: 'acme', endpoint: 'flights', model: 'delays', version: 1 });
    expect(await reader.findServed('other', '1')).toBeUndefined();
  });
});

describe('explainFailure', () => {
  it.each([
    [{ Error: 'CandidateRefusedError', Cause: '{"errorMessage":"It crashed."}' }, 'It crashed.'],
    [
      { Error: 'Lambda.TooManyRequestsException', Cause: 'Rate Exceeded.' },
      'Lambda.TooManyRequestsException: Rate Exceeded.',
    ],
    [{ Error: 'States.Timeout' }, 'States.Timeout'],
    [{ Error: 'Runtime.ExitError', Cause: '{"errorMessage":7}' }, 'Runtime.ExitError'],
    [{}, 'Unknown'],
  ])('says of %o: %s', (failure, expected) => {
    expect(explainFailure(failure)).toBe(expected);
  });
});
