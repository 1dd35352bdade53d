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

function toShort(value: number | undefined): string {
  return value === undefined ? '-' : Number(value.toPrecision(3)).toString();
}
