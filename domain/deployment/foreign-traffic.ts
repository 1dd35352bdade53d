import type { CallContext } from '../shared/call-context.ts';
import type { TrafficDependencies } from './complete-rollout.ts';
import type { EndpointFunctions, Traffic } from './ports.ts';
import type { Rollout } from './rollout.ts';

/** Lambda keeps weights as doubles; whoever moves traffic on purpose moves more than this. */
const SAME_WEIGHT = 1e-6;

export interface WatchDependencies extends Pick<TrafficDependencies, 'names'> {
  readonly functions: Pick<EndpointFunctions, 'getTraffic'>;
}

/** The traffic that a rollout's weight stands for; undefined where there is only one version. */
export function toTraffic({ incumbent, candidate, weight }: Rollout): Traffic | undefined {
  if (incumbent === null || candidate === null) return undefined;
  const { functionVersion } = candidate;
  if (weight >= 1) return { primary: functionVersion };
  if (weight <= 0) return { primary: incumbent.functionVersion };
  return { primary: incumbent.functionVersion, candidate: { functionVersion, weight } };
}

/**
 * What somebody else made of the traffic since the rollout last set it, in words; undefined when it is as it was
 * set. Weights are the rollout's to change: the caller puts them back.
 */
export async function findForeignTraffic(
  deps: WatchDependencies,
  context: CallContext,
  rollout: Rollout,
): Promise<string | undefined> {
  const own = toTraffic(rollout);
  // Around a crash Lambda may not have been told yet, and is told again by this tick.
  if (own === undefined || rollout.weight !== rollout.appliedWeight) return undefined;
  const found = await deps.functions.getTraffic(deps.names.functionName(context.tenant, rollout.endpoint));
  if (found !== undefined && isSame(found, own)) return undefined;
  return `The traffic was changed from outside the rollout (${describe(rollout, found)}) and is put back.`;
}

function isSame(a: Traffic, b: Traffic): boolean {
  if (a.primary !== b.primary) return false;
  const [ofA, ofB] = [a, b].map(({ candidate }) => (candidate?.weight ? candidate : undefined));
  if (ofA === undefined || ofB === undefined) return ofA === ofB;
  return ofA.functionVersion === ofB.functionVersion && Math.abs(ofA.weight - ofB.weight) < SAME_WEIGHT;
}

function describe(rollout: Rollout, traffic: Traffic | undefined): string {
  if (traffic === undefined) return 'the alias is gone';
  const { primary, candidate } = traffic;
  const share = candidate?.weight ?? 0;
  const parts = [`${nameOf(rollout, primary)} had ${round(1 - share)}`];
  if (candidate !== undefined && share > 0) {
    parts.push(`${nameOf(rollout, candidate.functionVersion)} ${round(share)}`);
  }
  return parts.join(', ');
}

function nameOf({ incumbent, candidate }: Rollout, functionVersion: string): string {
  if (functionVersion === candidate?.functionVersion) return 'the candidate';
  if (functionVersion === incumbent?.functionVersion) return 'the incumbent';
  return `function version ${functionVersion}, which is neither incumbent nor candidate,`;
}

function round(share: number): number {
  return Number(share.toPrecision(3));
}
