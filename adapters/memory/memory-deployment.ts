import type {
  CandidateCheck,
  EndpointFunctions,
  EpochMinute,
  FunctionSpecification,
  ObservationSource,
  PublishedVersion,
  RolloutRunner,
  ServingRoutes,
  TenantRoles,
  Traffic,
} from '../../domain/deployment/ports.ts';
import { emptyObservation, type Observation } from '../../domain/shared/observation.ts';

/** Endpoint functions without AWS: what was published, and where the alias points. */
export class MemoryEndpointFunctions implements EndpointFunctions {
  readonly published = new Map<string, FunctionSpecification[]>();
  readonly aliases = new Map<string, Traffic>();
  readonly removed: string[] = [];
  /** Every state of the alias, oldest first. */
  readonly traffic: Traffic[] = [];
  /** Answer of the next checks. */
  checkAnswer: CandidateCheck = { ok: true, maxDifference: 0, loadMs: 1 };

  async publish(specification: FunctionSpecification): Promise<PublishedVersion> {
    const { functionName } = specification;
    const versions = [...(this.published.get(functionName) ?? []), specification];
    this.published.set(functionName, versions);
    return { functionName, functionVersion: String(versions.length), servingBundle: 'bundle-1' };
  }

  async check(): Promise<CandidateCheck> {
    return this.checkAnswer;
  }

  async setTraffic(functionName: string, primary: string, candidate?: Traffic['candidate']): Promise<void> {
    const alias: Traffic = { primary, candidate };
    this.aliases.set(functionName, alias);
    this.traffic.push(alias);
  }

  async getTraffic(functionName: string): Promise<Traffic | undefined> {
    return this.aliases.get(functionName);
  }

  async remove(functionName: string): Promise<void> {
    this.published.delete(functionName);
    this.aliases.delete(functionName);
    this.removed.push(functionName);
  }
}

/** Routes by `tenant/endpoint`. */
export class MemoryServingRoutes implements ServingRoutes {
  readonly placed = new Map<string, string>();

  async place(tenant: string, endpoint: string, functionName: string): Promise<void> {
    this.placed.set(`${tenant}/${endpoint}`, functionName);
  }

  async remove(tenant: string, endpoint: string): Promise<void> {
    this.placed.delete(`${tenant}/${endpoint}`);
  }
}

export class MemoryTenantRoles implements TenantRoles {
  readonly tenants = new Set<string>();

  async ensure(tenant: string): Promise<string> {
    this.tenants.add(tenant);
    return `arn:aws:iam::000000000000:role/${tenant}`;
  }

  async remove(tenant: string): Promise<void> {
    this.tenants.delete(tenant);
  }
}

/** Notes what was started; `onAdvance` stands for the function that takes commands up at once. */
export class MemoryRolloutRunner implements RolloutRunner {
  readonly started: { readonly tenant: string; readonly rolloutId: string; readonly generation: number }[] =
    [];
  readonly removals: string[] = [];
  onAdvance: (tenant: string, rolloutId: string) => Promise<unknown> = async () => undefined;

  async start(tenant: string, rolloutId: string, generation: number): Promise<void> {
    this.started.push({ tenant, rolloutId, generation });
  }

  async advanceNow(tenant: string, rolloutId: string): Promise<void> {
    await this.onAdvance(tenant, rolloutId);
  }

  async removeEndpoint(tenant: string, endpoint: string): Promise<void> {
    this.removals.push(`${tenant}/${endpoint}`);
  }
}

/** Observations by version and minute; all minutes before `watermark` have arrived. */
export class MemoryObservationSource implements ObservationSource {
  readonly #minutes = new Map<string, Observation>();
  watermark: EpochMinute = 0;

  put(version: number, minute: EpochMinute, observation: Observation): void {
    this.#minutes.set(`${version}#${minute}`, observation);
  }

  async getWatermark(): Promise<EpochMinute> {
    return this.watermark;
  }

  async observe(
    _tenant: string,
    _endpoint: string,
    version: number,
    fromMinute: EpochMinute,
    toMinute: EpochMinute,
  ): Promise<readonly Observation[]> {
    return Array.from(
      { length: toMinute - fromMinute },
      (_, index) => this.#minutes.get(`${version}#${fromMinute + index}`) ?? emptyObservation(),
    );
  }
}
