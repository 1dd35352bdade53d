/** One decision of the judge, as the API tells it. */
export interface DecisionView {
  readonly minute: string;
  readonly weight: number;
  readonly decision: string;
  readonly reason: string;
  readonly statistics: Readonly<Record<string, unknown>>;
}

interface Guardrail {
  readonly name: string;
  readonly statistic?: number;
  readonly boundary?: number;
}

/** `12:04  30 %  CONTINUE  reason  [errors 0.4 of 100, latency 1.2 of 100]` */
export function describeDecision({ minute, weight, decision, reason, statistics }: DecisionView): string {
  const guardrails = Array.isArray(statistics.guardrails) ? (statistics.guardrails as Guardrail[]) : [];
  const evidence = guardrails
    .filter(({ statistic }) => typeof statistic === 'number')
    .map(({ name, statistic, boundary }) => `${name} ${toShort(statistic)} of ${toShort(boundary)}`);
  const percent = `${Math.round(weight * 100)} %`.padStart(5);
  return [
    minute.slice(11, 16),
    percent,
    decision.padEnd(9),
    reason,
    evidence.length > 0 ? `[${evidence.join(', ')}]` : '',
  ]
    .filter(Boolean)
    .join('  ');
}

/** What a watcher is told when a rollout is in another state than before. */
export interface RolloutStateView {
  readonly status: string;
  readonly pauseReason: string | null;
  readonly weight: number;
  readonly awaiting: { readonly since: string; readonly reason: string } | null;
  readonly steps: readonly { readonly at: string; readonly reason: string }[];
}

/** `PAUSED (APPROVAL) at 20 %: why, and what ends it`: what the decisions alone do not tell. */
export function describeState({ status, pauseReason, weight, awaiting, steps }: RolloutStateView): string {
  const state = pauseReason === null ? status : `${status} (${pauseReason})`;
  const at = `${state} at ${Math.round(weight * 100)} %`;
  if (pauseReason === 'APPROVAL' && awaiting !== null) {
    return `${at}: ${awaiting.reason} An approver says so with 'rollout resume'.`;
  }
  if (pauseReason === 'FREEZE') return `${at}: it goes on by itself; 'freeze-calendar show' says when.`;
  if (pauseReason === 'OPERATOR') return `${at}: until 'rollout resume'.`;
  const last = steps.at(-1);
  return last === undefined || pauseReason !== null ? `${at}.` : `${at}: ${last.reason}`;
}

function toShort(value: number | undefined): string {
  return value === undefined ? '-' : Number(value.toPrecision(3)).toString();
}
