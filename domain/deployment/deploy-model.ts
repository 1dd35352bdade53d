import { createHash } from 'node:crypto';
import type { CallContext } from '../shared/call-context.ts';
import type { Item } from '../shared/store.ts';
import { captureSettings, inputPolicy, type VersionReference } from './contract.ts';
import { createEndpoint, type DeploymentDependencies } from './create-endpoint.ts';
import { type Endpoint, endpointKey } from './endpoint.ts';
import { DeploymentStateError } from './errors.ts';
import { getEndpoint } from './read-deployment.ts';
import type { Rollout } from './rollout.ts';
import { startRollout } from './start-rollout.ts';

export interface DeployInput {
  readonly model: string;
  readonly version: VersionReference;
  readonly endpoint?: string | undefined;
  readonly strategy?: string | undefined;
  readonly policy?: unknown;
  readonly memoryMb: number;
}

const SLUG_LENGTH = 48;

/** Serves a version: on a new endpoint, or by a rollout on the one of that name. */
export async function deployModel(
  deps: DeploymentDependencies,
  context: CallContext,
  input: DeployInput,
): Promise<{ readonly endpoint: Item<Endpoint>; readonly rollout: Item<Rollout> }> {
  const name = input.endpoint ?? toEndpointName(input.model);
  const existing = await deps.store.get<Endpoint>(endpointKey(context.tenant, name));
  if (existing === undefined) return create(deps, context, name, input);
  if (existing.value.model !== input.model) {
    throw new DeploymentStateError(`The endpoint '${name}' serves the model '${existing.value.model}'.`);
  }
  const { version, strategy, policy } = input;
  const rollout = await startRollout(deps, context, {
    ...{ endpoint: name, version, strategy, policy },
    trigger: 'request',
  });
  return { endpoint: await getEndpoint(deps.store, context, name), rollout };
}

async function create(deps: DeploymentDependencies, context: CallContext, name: string, input: DeployInput) {
  const { model, version, memoryMb } = input;
  const { endpoint, rollout } = await createEndpoint(deps, context, {
    ...{ name, model, version, memoryMb },
    target: 'platform',
    reservedConcurrency: null,
    capture: captureSettings.parse({}),
    inputPolicy: inputPolicy.parse({}),
  });
  if (rollout === null) throw new Error('A platform endpoint starts with a rollout.');
  return { endpoint, rollout };
}

/** A model's name as an endpoint's; a hash keeps names apart that differ only in what slugs cannot hold. */
export function toEndpointName(model: string): string {
  const slug = model
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+|-+$/g, '');
  if (slug === model && slug.length <= SLUG_LENGTH) return slug;
  const hash = createHash('sha256').update(model).digest('hex').slice(0, 8);
  return `${slug === '' ? 'model' : slug.slice(0, SLUG_LENGTH - hash.length - 1)}-${hash}`;
}
