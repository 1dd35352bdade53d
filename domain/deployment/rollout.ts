import type { ScoreRange } from '../shared/observation.ts';
import type { Item, Key } from '../shared/store.ts';
import type {
  PauseReason,
  RolloutOutcome,
  RolloutStatus,
  RolloutStrategy,
  RolloutTrigger,
} from './contract.ts';
import type { Decision } from './judge/judge-state.ts';
import type { RolloutPolicy } from './judge/policy.ts';
import type { EpochMinute } from './ports.ts';

export interface RolloutStep {
  readonly at: string;
  readonly weight: number;
  readonly reason: string;
}

/** What an operator asked for; the next tick, or the one that the request starts, takes it up. */
export interface RolloutCommand {
  readonly action: 'abort' | 'promote';
  readonly reason: string;
  readonly actor: string;
}

/** A move that the judge would make and that somebody has to approve; at weight 1 it is the promotion. */
export interface AwaitedMove {
  readonly weight: number;
  readonly since: string;
  readonly reason: string;
}

/** It covers every move up to its weight: shares only rise, so that it is used up by itself. */
export interface MoveApproval {
  readonly weight: number;
  readonly at: string;
  readonly actor: string;
  readonly reason: string;
}

/** A version with the function version that serves it. */
export interface Arm {
  readonly version: number;
  readonly functionVersion: string;
}

/** A rollout as the store keeps it; every change is made under its revision. */
export interface Rollout {
  readonly id: string;
  readonly endpoint: string;
  readonly model: string;
  readonly version: number;
  readonly task: 'classification' | 'regression' | 'anomaly-detection';
  /** Range of the score bins, for reports. */
  readonly scoreRange: ScoreRange;
  readonly strategy: RolloutStrategy;
  readonly policy: RolloutPolicy;
  readonly trigger: RolloutTrigger;
  readonly triggerReason: string | null;
  readonly incumbent: Arm | null;
  /** Null until the candidate is published. */
  readonly candidate: (Arm & { readonly servingBundle: string }) | null;
  readonly status: RolloutStatus;
  readonly pauseReason: PauseReason | null;
  readonly outcome: RolloutOutcome | null;
  readonly reason: string | null;
  /** The candidate's share as decided, and as last told to Lambda: they differ only around a crash. */
  readonly weight: number;
  readonly appliedWeight: number;
  readonly steps: readonly RolloutStep[];
  /** The judge's state as JSON: its evidence goes to 1e30, which a DynamoDB number of the SDK refuses. */
  readonly judge: string | null;
  /** First minute with traffic on the candidate, and the next one to be judged. */
  readonly firstMinute: EpochMinute | null;
  readonly nextMinute: EpochMinute | null;
  readonly command: RolloutCommand | null;
  /** Both are absent from rollouts that an earlier release began. */
  readonly awaiting?: AwaitedMove | null;
  readonly approvals?: readonly MoveApproval[];
  /** Set before the traffic moves for good, so that a crash in between is finished and not judged again. */
  readonly promotion: string | null;
  /** Which execution leads; an older one stops at its next tick. */
  readonly generation: number;
  readonly lastAdvancedAt: string;
  readonly startedAt: string | null;
  readonly completedAt: string | null;
  readonly createdAt: string;
  readonly createdBy: string;
  readonly updatedAt: string;
}

/** One judged minute. */
export interface RolloutDecision {
  readonly minute: string;
  readonly weight: number;
  readonly decision: Decision['decision'];
  readonly reason: string;
  readonly statistics: Readonly<Record<string, unknown>>;
}

/** As part `decision#<minute>` of the rollout keeps it; the statistics are JSON for the judge's reason. */
export interface StoredDecision extends Omit<RolloutDecision, 'statistics'> {
  readonly statistics: string;
}

export const DECISION_PREFIX = 'decision#';

export function rolloutKey(tenant: string, id: string): Key {
  return { tenant, kind: 'rollout', id };
}

export function decisionKey(tenant: string, id: string, minute: string): Key {
  return { ...rolloutKey(tenant, id), part: `${DECISION_PREFIX}${minute}` };
}

export function rolloutsList(endpoint: string): string {
  return `rollouts#${endpoint}`;
}

/** The facts that every event of a rollout carries. */
export function rolloutFacts({ id, endpoint, model, version, incumbent }: Rollout) {
  return { rollout: id, endpoint, model, version, incumbentVersion: incumbent?.version ?? null };
}

/** The rollout as the API answers it. */
export function toRolloutView({ value, revision }: Item<Rollout>, decisions?: readonly RolloutDecision[]) {
  const { id, endpoint, model, version, strategy, policy, trigger, triggerReason, status } = value;
  const { pauseReason, outcome, reason, weight, steps, startedAt, completedAt } = value;
  const { createdAt, createdBy, updatedAt, incumbent, awaiting = null, approvals = [] } = value;
  return {
    ...{ id, endpoint, model, version, incumbentVersion: incumbent?.version ?? null },
    ...{ strategy, policy, trigger, triggerReason },
    ...{ status, pauseReason, outcome, reason, weight, steps, awaiting, approvals },
    ...(decisions === undefined ? {} : { decisions }),
    ...{ startedAt, completedAt, createdAt, createdBy, updatedAt, revision },
  };
}
