import { describe, expect, it } from 'vitest';
import { endpointInput } from '../../../../domain/deployment/contract.ts';
import { createEndpoint } from '../../../../domain/deployment/create-endpoint.ts';
import { toEndpointView } from '../../../../domain/deployment/endpoint.ts';
import { getEndpoint } from '../../../../domain/deployment/read-deployment.ts';
import { listResources } from '../../../../domain/deployment/run-time-resources.ts';
import { AlreadyExistsError } from '../../../../domain/shared/domain-error.ts';
import { DeploymentWorld } from '../../../support/deployment-world.ts';

const INPUT = endpointInput.parse({ name: 'flights', model: 'delays', version: 1 });

describe('createEndpoint', () => {
  it('answers CREATING and starts the first rollout', async () => {
    const world = new DeploymentWorld();

    const { endpoint, rollout } = await createEndpoint(world, world.context(), INPUT);

    expect(endpoint.value).toMatchObject({ status: 'CREATING', version: null, rollout: rollout?.value.id });
    expect(world.runner.started).toEqual([{ tenant: 'acme', rolloutId: rollout?.value.id, generation: 1 }]);
    expect(world.eventTypes()).toEqual(['RolloutStarted', 'EndpointCreated']);
  });

  it('is IN_SERVICE when the version answered its own example', async () => {
    const world = new DeploymentWorld();

    await world.serveFirstVersion();

    expect(await world.endpoint()).toMatchObject({
      status: 'IN_SERVICE',
      version: 1,
      functionVersion: '1',
      rollout: null,
    });
    expect(world.alias()).toEqual({ primary: '1', candidate: undefined });
    expect(world.routes.placed.get('acme/flights')).toBe(world.names.functionName('acme', 'flights'));
    expect(world.eventTypes()).toContain('ModelDeployed');
  });

  it('is FAILED with the reason when the version does not verify, and has no route', async () => {
    const world = new DeploymentWorld();
    world.functions.checkAnswer = { ok: false, reason: 'The digest of model.onnx is another one.' };

    await world.serveFirstVersion();

    const endpoint = await world.endpoint();
    expect(endpoint).toMatchObject({ status: 'FAILED', version: null, rollout: null });
    expect(endpoint.reason).toContain('The digest of model.onnx is another one.');
    expect(world.routes.placed.size).toBe(0);
  });

  it('takes a name once', async () => {
    const world = new DeploymentWorld();
    await createEndpoint(world, world.context(), INPUT);

    const again = createEndpoint(world, world.context(), INPUT);

    await expect(again).rejects.toThrow(AlreadyExistsError);
    await expect(again).rejects.toThrow("endpoint 'flights'");
  });

  it('refuses a version that may not be served', async () => {
    const world = new DeploymentWorld();
    world.unapproved.add(1);

    const refused = createEndpoint(world, world.context(), INPUT);

    await expect(refused).rejects.toThrow('was rejected');
    expect(world.runner.started).toEqual([]);
  });

  it('serves an external endpoint at once, without a function or a url', async () => {
    const world = new DeploymentWorld();

    await world.serveFirstVersion({ target: 'external' });

    const item = await getEndpoint(world.store, world.context(), 'flights');
    expect(item.value).toMatchObject({ status: 'IN_SERVICE', version: 1, target: 'external' });
    expect(toEndpointView(item, 'https://api.example').url).toBeNull();
    expect(world.runner.started).toEqual([]);
  });

  it('records role, function and route before it makes them', async () => {
    const world = new DeploymentWorld();
    world.functions.publish = async () => {
      throw new Error('Lambda is gone');
    };

    await world.serveFirstVersion();

    const { items } = await listResources(world.store, { limit: 10 });
    expect(items.map(({ value }) => value.type).toSorted()).toEqual(['function', 'role', 'route']);
  });

  it('shows a url below the address that the caller used', async () => {
    const world = new DeploymentWorld();
    await world.serveFirstVersion();

    const view = toEndpointView(
      await getEndpoint(world.store, world.context(), 'flights'),
      'http://127.0.0.1:8080',
    );

    expect(view.url).toBe('http://127.0.0.1:8080/serving/acme/flights');
    expect(view).not.toHaveProperty('functionVersion');
  });

  it('keeps names of functions and roles within 64 characters, apart and in the prefix', () => {
    const { names } = new DeploymentWorld();

    const long = names.functionName('a'.repeat(48), 'b'.repeat(48));

    expect(long).toHaveLength(64);
    expect(long).toMatch(/^test-ep-/);
    expect(names.functionName('a-b', 'c')).not.toBe(names.functionName('a', 'b-c'));
    expect(names.roleName('acme')).toMatch(/^test-tenant-acme-[0-9a-f]{10}$/);
  });
});
