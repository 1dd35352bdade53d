import { DRIFT_VERDICTS, type SKIP_REASONS } from './contract.ts';
import type { RetrainingPolicy, Trigger } from './policy-records.ts';

/** What is known when a policy is evaluated. */
export interface RetrainingFacts {
  readonly nowMs: number;
  readonly endpointExists: boolean;
  readonly rolloutRunning: boolean;
  readonly trainingRunning: boolean;
  readonly qualityViolations: readonly string[];
  readonly labels: number;
}

export type SkipReason = (typeof SKIP_REASONS)[number];

export type RetrainingDecision =
  | { readonly start: true; readonly explanation: string }
  | {
      readonly start: false;
      readonly reason: SkipReason;
      readonly explanation: string;
      readonly final: boolean;
    };

const MINUTE_MS = 60_000;

/**
 * Whether a trigger starts a training now. A skip that is not `final` keeps the trigger open: labels come
 * late, a rollout ends, a cooldown passes, and the next evaluation looks again.
 */
export function decideRetraining(
  policy: RetrainingPolicy,
  trigger: Trigger,
  facts: RetrainingFacts,
): RetrainingDecision {
  for (const refuse of REFUSALS) {
    const refusal = refuse(policy, trigger, facts);
    if (refusal !== undefined) return { start: false, ...refusal };
  }
  return {
    start: true,
    explanation: `${describeTrigger(trigger)}; ${facts.labels} labels have come, ${policy.minimumLabels} are asked for.`,
  };
}

interface Refusal {
  readonly reason: SkipReason;
  readonly explanation: string;
  readonly final: boolean;
}

type Refuse = (policy: RetrainingPolicy, trigger: Trigger, facts: RetrainingFacts) => Refusal | undefined;

/** In the order in which a person would ask; broken data comes before everything that more data could mend. */
const REFUSALS: readonly Refuse[] = [
  ({ enabled }) =>
    enabled ? undefined : { reason: 'DISABLED', explanation: 'The policy is switched off.', final: true },
  (policy, trigger) => refuseUnwatched(policy, trigger),
  ({ endpoint }, _trigger, { endpointExists }) =>
    endpointExists
      ? undefined
      : { reason: 'ENDPOINT_MISSING', explanation: `The endpoint ${endpoint} is gone.`, final: true },
  (_policy, _trigger, { qualityViolations }) =>
    qualityViolations.length === 0
      ? undefined
      : {
          reason: 'DATA_QUALITY_BROKEN',
          explanation: `What the endpoint sees is broken, and a model must not learn it: ${qualityViolations.slice(0, 3).join('; ')}`,
          final: false,
        },
  ({ pipeline }, _trigger, { trainingRunning }) =>
    trainingRunning
      ? {
          reason: 'TRAINING_RUNNING',
          explanation: `The pipeline ${pipeline} is training already.`,
          final: false,
        }
      : undefined,
  ({ endpoint }, _trigger, { rolloutRunning }) =>
    rolloutRunning
      ? { reason: 'ROLLOUT_RUNNING', explanation: `A rollout is under way on ${endpoint}.`, final: false }
      : undefined,
  (policy, _trigger, facts) => refuseCooldown(policy, facts),
  ({ minimumLabels }, _trigger, { labels }) =>
    labels >= minimumLabels
      ? undefined
      : {
          reason: 'TOO_FEW_LABELS',
          explanation: `${labels} labels have come for the window; ${minimumLabels} are asked for.`,
          final: false,
        },
];

function refuseUnwatched({ triggers }: RetrainingPolicy, trigger: Trigger): Refusal | undefined {
  if (trigger.kind === 'request') return undefined;
  if (trigger.kind === 'performance') {
    return triggers.performance
      ? undefined
      : { reason: 'TRIGGER_NOT_WATCHED', explanation: 'The policy ignores losses of quality.', final: true };
  }
  const rank = (verdict: string | null | undefined) =>
    DRIFT_VERDICTS.indexOf(verdict as (typeof DRIFT_VERDICTS)[number]);
  if (triggers.drift !== null && rank(trigger.verdict) >= rank(triggers.drift)) return undefined;
  const explanation =
    triggers.drift === null
      ? 'The policy ignores drift.'
      : `The drift is ${trigger.verdict ?? 'unknown'}; the policy starts at ${triggers.drift}.`;
  return { reason: 'TRIGGER_NOT_WATCHED', explanation, final: true };
}

function refuseCooldown(
  { lastStartedAt, cooldownMinutes }: RetrainingPolicy,
  { nowMs }: RetrainingFacts,
): Refusal | undefined {
  if (lastStartedAt === null) return undefined;
  const minutes = Math.floor((nowMs - Date.parse(lastStartedAt)) / MINUTE_MS);
  if (minutes >= cooldownMinutes) return undefined;
  const explanation = `The last training started ${minutes} minutes ago; the policy waits for ${cooldownMinutes}.`;
  return { reason: 'COOLDOWN', explanation, final: false };
}

function describeTrigger({ kind, verdict }: Trigger): string {
  if (kind === 'drift') return `Drift is ${verdict}`;
  return kind === 'performance' ? 'The model lost quality' : 'A training was requested';
}
