import type { Observation, ScoreRange } from '../../shared/observation.ts';
import type { CollapseGuardState } from './guard-collapse.ts';
import type { ErrorGuardState } from './guard-errors.ts';
import type { LatencyGuardState } from './guard-latency.ts';
import type { QualityGuardState } from './guard-quality.ts';
import type { ScoreGuardState } from './guard-score.ts';
import type { RolloutPolicy } from './policy.ts';

/** What the judge needs to know of the rollout beside its policy. */
export interface JudgeContext {
  readonly task: 'classification' | 'regression' | 'anomaly-detection';
  /** Range that the 20 score bins divide; used in reports only, the tests have no unit. @default [0, 1] */
  readonly scoreRange?: ScoreRange;
  /** Upper edges of the latency bins. @default LATENCY_EDGES_MS */
  readonly latencyEdgesMs?: readonly number[];
}

/** One minute of event time that has fully arrived, for both versions. */
export interface JudgeTick {
  readonly tick: number;
  readonly minute: number;
  /** The candidate's share while the minute ran. */
  readonly weight: number;
  readonly incumbent: Observation;
  readonly candidate: Observation;
}

export type Verdict = 'CONTINUE' | 'PAUSE' | 'ROLL_BACK' | 'PROMOTE';

/** Why a verdict was given; the sentence in `reason` says the same to a person. */
export type Cause =
  | 'STEP_HELD'
  | 'STEP_ADVANCED'
  | 'DOUBT_REMAINS'
  | 'NO_DATA'
  | 'HARM'
  | 'TIMEOUT'
  | 'EVIDENCE_OF_NO_HARM'
  | 'APPROVAL_NEEDED'
  | 'ALREADY_DECIDED'
  | 'ALREADY_JUDGED';

export interface GuardrailReport {
  readonly name: GuardrailName;
  /** Evidence of harm: a bet's capital that started below 1 and grows only if harm exceeds the tolerance. */
  readonly statistic: number;
  /** This guardrail alone rolls back from here. */
  readonly boundary: number;
  readonly incumbent: number | null;
  readonly candidate: number | null;
  /** Candidate's samples behind the statistic. */
  readonly samples: number;
  /** Odds of harm that is left to exclude; promotion needs them at or below `doubtLimit`. */
  readonly doubt: number;
  readonly doubtLimit: number;
  /** Samples without which this guardrail says nothing. */
  readonly need?: number;
}

export type GuardrailName = 'errorRate' | 'latencyP95' | 'scoreShift' | 'constantAnswers' | 'quality';

export interface Decision {
  readonly decision: Verdict;
  readonly cause: Cause;
  /** The candidate's share from the next tick on; absent, it stays. */
  readonly weight?: number;
  readonly reason: string;
  readonly guardrails: readonly GuardrailReport[];
}

/** Everything that is carried from one tick to the next: plain JSON of at most 4 KB. */
export interface JudgeState {
  readonly version: 1;
  readonly policy: RolloutPolicy;
  readonly scoreRange: ScoreRange;
  readonly latencyShiftBins: number;
  /** First minute that was judged; null before. */
  readonly startMinute: number | null;
  readonly lastMinute: number | null;
  readonly plan: PlanState;
  readonly silence: SilenceState;
  readonly errors: ErrorGuardState;
  readonly latency: LatencyGuardState;
  readonly score: ScoreGuardState;
  readonly collapse: CollapseGuardState;
  readonly quality: QualityGuardState;
  readonly outcome: 'ROLL_BACK' | 'PROMOTE' | null;
}

export interface PlanState {
  /** Step of the weight plan, from 0. */
  readonly step: number;
  /** Minutes and candidate requests that this step has had. */
  readonly minutes: number;
  readonly requests: number;
}

export interface SilenceState {
  /** Minutes without a candidate request, up to now. */
  readonly minutes: number;
  /** Candidate requests that the incumbent's traffic and the weights would have let one expect in them. */
  readonly expected: number;
  /** Incumbent requests in them. */
  readonly incumbentRequests: number;
}
