import type { Item, Key } from '../shared/store.ts';
import { type CaptureSettings, type EndpointStatus, type InputPolicy, inputPolicy } from './contract.ts';

/** An endpoint as the store keeps it. `rollout` is also the lock: one rollout at a time. */
export interface Endpoint {
  readonly name: string;
  readonly target: 'platform' | 'external';
  readonly model: string;
  readonly version: number | null;
  /** The function version that serves `version`. */
  readonly functionVersion: string | null;
  readonly servingBundle: string | null;
  readonly status: EndpointStatus;
  readonly reason: string | null;
  readonly memoryMb: number;
  readonly reservedConcurrency: number | null;
  readonly capture: CaptureSettings;
  /** Absent in endpoints of before it could be set. */
  readonly inputPolicy?: InputPolicy;
  readonly rollout: string | null;
  readonly createdAt: string;
  readonly createdBy: string;
  readonly updatedAt: string;
}

export function endpointKey(tenant: string, name: string): Key {
  return { tenant, kind: 'endpoint', id: name };
}

export const ENDPOINTS_LIST = 'endpoints';

export function inputPolicyOf(endpoint: Endpoint): InputPolicy {
  return endpoint.inputPolicy ?? inputPolicy.parse({});
}

/** Path under which the serving API reaches an endpoint. */
export function servingPath(tenant: string, endpoint: string): string {
  return `/serving/${tenant}/${endpoint}`;
}

/**
 * The endpoint as the API answers it.
 *
 * @param baseUrl origin (and stage) at which the caller reached the API, without a slash at the end
 */
export function toEndpointView({ key, value, revision }: Item<Endpoint>, baseUrl: string) {
  const { functionVersion: _, ...fields } = value;
  const url = value.target === 'platform' ? baseUrl + servingPath(key.tenant, value.name) : null;
  return { ...fields, inputPolicy: inputPolicyOf(value), url, revision };
}
