import type { DeployableVersion } from '../registry/ports.ts';
import type { Observation } from '../shared/observation.ts';
import type { CaptureSettings, EndpointStatus, InputPolicy } from './contract.ts';

/** A minute of event time as whole minutes since the epoch (UTC). */
export type EpochMinute = number;

/** What versions did, minute by minute; monitoring writes it, rollouts read it. */
export interface ObservationSource {
  /** The first minute of this endpoint that may still change: all before it have fully arrived. */
  getWatermark(tenant: string, endpoint: string, nowMs: number): Promise<EpochMinute>;
  /**
   * One observation per minute from `fromMinute` (included) to `toMinute` (not included); minutes without
   * requests are empty observations. Crashes, which leave no line, are counted in.
   */
  observe(
    tenant: string,
    endpoint: string,
    version: number,
    fromMinute: EpochMinute,
    toMinute: EpochMinute,
  ): Promise<readonly Observation[]>;
}

/** A published function version that serves one model version. */
export interface PublishedVersion {
  readonly functionName: string;
  readonly functionVersion: string;
  /** Release of the serving runtime: the bundle's object key. */
  readonly servingBundle: string;
}

export interface FunctionSpecification {
  readonly tenant: string;
  readonly endpoint: string;
  readonly functionName: string;
  readonly roleArn: string;
  readonly memoryMb: number;
  readonly reservedConcurrency: number | null;
  readonly capture: CaptureSettings;
  readonly inputPolicy: InputPolicy;
  readonly version: DeployableVersion;
}

/** Answer of a version that was invoked with its own example. */
export type CandidateCheck =
  | { readonly ok: true; readonly maxDifference: number | null; readonly loadMs: number }
  | { readonly ok: false; readonly reason: string };

/** Where an endpoint's callers end up: on one version, a share of them on another. */
export interface Traffic {
  readonly primary: string;
  readonly candidate?: { readonly functionVersion: string; readonly weight: number } | undefined;
}

/** The functions behind endpoints. Every method may be repeated: what is done already is left as it is. */
export interface EndpointFunctions {
  /**
   * Makes or updates the function and publishes a version of it.
   *
   * @throws FunctionNotReadyError while AWS still works on it or its role; repeating is right
   */
  publish(specification: FunctionSpecification): Promise<PublishedVersion>;
  /** Invokes exactly this version with its own example. */
  check(published: PublishedVersion): Promise<CandidateCheck>;
  /** Points the alias `live` at `primary`, with a share of the traffic for `candidate`. */
  setTraffic(
    functionName: string,
    primary: string,
    candidate?: { readonly functionVersion: string; readonly weight: number },
  ): Promise<void>;
  /** What the alias `live` does now, whoever set it; undefined when there is none. */
  getTraffic(functionName: string): Promise<Traffic | undefined>;
  /** Removes the function with its versions and alias. */
  remove(functionName: string): Promise<void>;
}

/** The serving API's routes of endpoints. */
export interface ServingRoutes {
  /** Lets callers reach the alias `live` of the function below `/serving/{tenant}/{endpoint}/`. */
  place(tenant: string, endpoint: string, functionName: string): Promise<void>;
  remove(tenant: string, endpoint: string, functionName: string): Promise<void>;
}

/** Execution roles: one per tenant, reading that tenant's artifacts only. */
export interface TenantRoles {
  /** Makes the role if it is not there and answers its ARN. */
  ensure(tenant: string): Promise<string>;
  remove(tenant: string): Promise<void>;
}

/** Names of what is made at run time, known before it is made. */
export interface RunTimeNames {
  functionName(tenant: string, endpoint: string): string;
  roleName(tenant: string): string;
}

/** The workflow behind a rollout, and the work that cannot wait for it. */
export interface RolloutRunner {
  /** Starts the rollout's execution of this generation; a repeat is no error. */
  start(tenant: string, rolloutId: string, generation: number): Promise<void>;
  /** Takes up a command now instead of at the next tick; returns when that is done. */
  advanceNow(tenant: string, rolloutId: string): Promise<void>;
  /** Starts the removal of an endpoint that is marked DELETING; does not wait for it. */
  removeEndpoint(tenant: string, endpoint: string): Promise<void>;
}

/** An endpoint as other capabilities read it. */
export interface EndpointSummary {
  readonly name: string;
  readonly target: 'platform' | 'external';
  readonly model: string;
  /** The version that has the traffic; null before the first deployment. */
  readonly version: number | null;
  readonly status: EndpointStatus;
  readonly rolloutRunning: boolean;
}

/** Which model version a function version of an endpoint serves. */
export interface ServedVersion {
  readonly tenant: string;
  readonly endpoint: string;
  readonly model: string;
  readonly version: number;
}

/** Endpoints as other capabilities read them; `domain/deployment/read-endpoints.ts` implements it on the store. */
export interface EndpointReader {
  find(tenant: string, endpoint: string): Promise<EndpointSummary | undefined>;
  /** Versions that got or get traffic, by the last hundred rollouts: the candidate of one under way too. */
  listVersions(tenant: string, endpoint: string): Promise<readonly number[]>;
  /** Every endpoint of the tenant that serves this model. */
  listOfModel(tenant: string, model: string): Promise<readonly EndpointSummary[]>;
  /** What a line or a failure in the endpoints' log group belongs to. */
  findServed(functionName: string, functionVersion: string): Promise<ServedVersion | undefined>;
}
