import {
  MemoryEndpointFunctions,
  MemoryObservationSource,
  MemoryRolloutRunner,
  MemoryServingRoutes,
  MemoryTenantRoles,
} from '../../adapters/memory/memory-deployment.ts';
import { MemoryStore } from '../../adapters/memory/memory-store.ts';
import { advanceRollout } from '../../domain/deployment/advance-rollout.ts';
import { checkCandidate } from '../../domain/deployment/check-candidate.ts';
import { endpointInput } from '../../domain/deployment/contract.ts';
import { createEndpoint } from '../../domain/deployment/create-endpoint.ts';
import { explainFailure } from '../../domain/deployment/explain-failure.ts';
import { failRollout } from '../../domain/deployment/fail-rollout.ts';
import { parsePolicy, type RolloutPolicy } from '../../domain/deployment/judge/policy.ts';
import { prepareCandidate } from '../../domain/deployment/prepare-candidate.ts';
import { getEndpoint, getRollout } from '../../domain/deployment/read-deployment.ts';
import { makeRunTimeNames } from '../../domain/deployment/run-time-resources.ts';
import { ApprovalMissingError, ModelVersionNotFoundError } from '../../domain/registry/errors.ts';
import type { DeployableVersion, RegistryReader } from '../../domain/registry/ports.ts';
import type { CallContext } from '../../domain/shared/call-context.ts';
import { emptyObservation, toLatencyHistogram, toScoreHistogram } from '../../domain/shared/observation.ts';
import { makeTestContext, NOON_MS } from './call-context.ts';

const MINUTE_MS = 60_000;

/** Everything that deployment's use cases need, in memory, with a clock that the test moves. */
export class DeploymentWorld {
  readonly store = new MemoryStore();
  readonly functions = new MemoryEndpointFunctions();
  readonly routes = new MemoryServingRoutes();
  readonly roles = new MemoryTenantRoles();
  readonly runner = new MemoryRolloutRunner();
  readonly observations = new MemoryObservationSource();
  readonly names = makeRunTimeNames('test');
  /** Versions that may not be served. */
  readonly unapproved = new Set<number>();
  readonly registry: RegistryReader = makeRegistry(this);
  /** Of the model's policy. */
  allowOwnWork = false;
  defaultRollout: { strategy: 'linear' | 'canary' | 'ab-test'; policy: RolloutPolicy } | null = null;
  nowMs = NOON_MS;

  constructor() {
    this.runner.onAdvance = (tenant, id) => advanceRollout(this, this.context({ tenant }), id);
  }

  /** The model's policy asks for approvals from now on. */
  requireApprovals(approvals: RolloutPolicy['approvals']): void {
    this.defaultRollout = { strategy: 'canary', policy: parsePolicy({ approvals }) };
  }

  context(overrides: Partial<CallContext> = {}): CallContext {
    return makeTestContext({ nowMs: this.nowMs, ...overrides });
  }

  get minute(): number {
    return Math.floor(this.nowMs / MINUTE_MS);
  }

  /** An endpoint `flights` in service with version 1. */
  async serveFirstVersion(input: object = {}): Promise<void> {
    const body = endpointInput.parse({ name: 'flights', model: 'delays', version: 1, ...input });
    const { rollout } = await createEndpoint(this, this.context(), body);
    if (rollout !== null) await this.runMachine(rollout.value.id);
  }

  /** The states of `roll-out-version` up to the first tick, failures included. */
  async runMachine(rolloutId: string): Promise<void> {
    try {
      await prepareCandidate(this, this.context(), rolloutId);
      await checkCandidate(this, this.context(), rolloutId);
      await advanceRollout(this, this.context(), rolloutId, 1);
    } catch (error) {
      const { name, message } = error as Error;
      const failure = { Error: name, Cause: JSON.stringify({ errorMessage: message }) };
      await failRollout(this, this.context(), rolloutId, explainFailure(failure));
    }
  }

  /** A minute passes, both versions having had these requests and failures, and the next tick comes. */
  async tick(
    rolloutId: string,
    { incumbent = [0, 0], candidate = [0, 0] }: { incumbent?: Counts; candidate?: Counts } = {},
    versions: readonly [incumbent: number, candidate: number] = [1, 2],
  ): Promise<{ readonly finished: boolean }> {
    this.observations.put(versions[0], this.minute, observe(incumbent));
    this.observations.put(versions[1], this.minute, observe(candidate));
    this.nowMs += MINUTE_MS;
    this.observations.watermark = this.minute;
    return advanceRollout(this, this.context(), rolloutId, 1);
  }

  async endpoint(name = 'flights') {
    return (await getEndpoint(this.store, this.context(), name)).value;
  }

  async rollout(id: string) {
    return (await getRollout(this.store, this.context(), id)).value;
  }

  alias(endpoint = 'flights') {
    return this.functions.aliases.get(this.names.functionName('acme', endpoint));
  }

  eventTypes(): string[] {
    return this.store.events.map(({ detailType }) => detailType);
  }
}

type Counts = readonly [requests: number, errors: number];

/** Requests of about 20 ms whose scores are spread evenly. */
export function observe([requests, errors]: Counts) {
  const answered = requests - errors;
  return {
    ...emptyObservation(),
    requests,
    errors,
    latency: toLatencyHistogram(Array.from({ length: requests }, (_, k) => 15 + (k % 10))),
    score: toScoreHistogram(Array.from({ length: answered }, (_, k) => (k % 20) / 20 + 0.01)),
  };
}

function makeRegistry(world: DeploymentWorld) {
  const version = (model: string, number: number): DeployableVersion => ({
    model,
    version: number,
    status: 'READY',
    servable: true,
    task: 'classification',
    stage: 'none',
    approval: 'approved',
    createdBy: 'tok_bob',
    semver: undefined,
    artifactPrefix: `tenants/acme/models/${model}/versions/${number}/`,
    files: [],
    statementDigest: 'ab'.repeat(32),
    signature: {},
    hasExample: true,
    hasProfile: true,
    scoreRange: { low: 0, high: 1 },
    loadMs: 5,
    metrics: {},
    lineage: {},
  });
  const getDeployable = async (_tenant: string, model: string, ref: string | number) => {
    const number = Number(ref);
    if (!Number.isInteger(number) || number > 100) throw new ModelVersionNotFoundError(model, ref);
    if (world.unapproved.has(number))
      throw new ApprovalMissingError(`Version ${number} of '${model}' was rejected.`);
    return version(model, number);
  };
  return {
    getDeployable,
    findVersion: async (_tenant, model, ref) => version(model, Number(ref)),
    findChampion: async () => undefined,
    findLastApproved: async () => undefined,
    getPolicy: async (): ReturnType<RegistryReader['getPolicy']> => ({
      approval: { required: false, allowOwnWork: world.allowOwnWork },
      gates: [],
      rollout: world.defaultRollout,
      rollOutOnApproval: false,
      updatedBy: undefined,
    }),
  } satisfies RegistryReader;
}
