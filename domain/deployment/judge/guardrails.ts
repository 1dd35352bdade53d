import { SCORE_BINS } from '../../shared/observation.ts';
import { type Doubt, doubtLimit } from './doubt.ts';
import { totalEvidence } from './evidence.ts';
import { latencyDoubt, latencyEvidence } from './guard-latency.ts';
import { describeLabels } from './guard-quality.ts';
import { scoreDoubt, scoreMean } from './guard-score.ts';
import type { GuardrailName, GuardrailReport, JudgeState } from './judge-state.ts';
import { plannedMinutes } from './weight-plan.ts';

/**
 * How alpha's bets are spread: their weighted mean is one e-value whatever the dependence between guardrails.
 * Errors have most, since few failures must suffice; a collapse shows within a handful of answers anyway.
 */
const SHARES: Readonly<Record<GuardrailName, number>> = {
  errorRate: 0.54,
  latencyP95: 0.09,
  scoreShift: 0.04,
  constantAnswers: 0.03,
  quality: 0.3,
};

/** Candidate requests and labels, in multiples of the policy's minimum, that make a rare event well known. */
const AMPLE_STEPS = 40;
const AMPLE_LABELS = 15;

/** After all steps' time a doubt has this long to clear up by itself. */
const PATIENCE_MINUTES = 2;

/** What each guardrail says now. */
export function reportGuardrails(state: JudgeState): GuardrailReport[] {
  const reports = [reportErrors(state), reportLatency(state), reportShift(state), reportCollapse(state)];
  if (hasLabels(state)) reports.push(reportQuality(state));
  return reports;
}

/** The weighted mean of all guardrails' evidence: harm is declared at 1 / alpha. */
export function familyEvidence(reports: readonly GuardrailReport[]): number {
  return reports.reduce((sum, report) => sum + SHARES[report.name] * report.statistic, 0);
}

/** Guardrails that do not yet allow a promotion. */
export function openDoubts(reports: readonly GuardrailReport[]): GuardrailReport[] {
  return reports.filter(
    (report) =>
      report.doubt > report.doubtLimit || (report.need !== undefined && report.samples < report.need),
  );
}

/** The guardrail that carries most of the evidence. */
export function worstGuardrail(reports: readonly GuardrailReport[]): GuardrailReport {
  return reports.reduce((worst, report) =>
    report.statistic / report.boundary > worst.statistic / worst.boundary ? report : worst,
  );
}

function reportErrors(state: JudgeState): GuardrailReport {
  const { errors, policy } = state;
  const isAmple =
    errors.candidate[0] >= AMPLE_STEPS * Math.max(1, policy.minRequestsPerStep) && isPlanOver(state);
  return {
    name: 'errorRate',
    statistic: totalEvidence(errors.evidence),
    boundary: boundaryOf('errorRate', policy.alpha),
    incumbent: rateOf(errors.incumbent),
    candidate: rateOf(errors.candidate),
    samples: errors.candidate[0],
    ...clearest(errors.doubt, errors.absoluteDoubt, isAmple),
  };
}

function reportLatency({ latency, policy }: JudgeState): GuardrailReport {
  return {
    name: 'latencyP95',
    statistic: latencyEvidence(latency),
    boundary: boundaryOf('latencyP95', policy.alpha),
    incumbent: rateOf(latency.incumbent),
    candidate: rateOf(latency.candidate),
    samples: latency.samples,
    ...clearest(latencyDoubt(latency), latency.absoluteDoubt, false),
  };
}

function reportShift({ score, scoreRange, policy }: JudgeState): GuardrailReport {
  const toScore = (bin: number) =>
    Number.isNaN(bin)
      ? null
      : scoreRange.low + ((bin + 0.5) / SCORE_BINS) * (scoreRange.high - scoreRange.low);
  return {
    name: 'scoreShift',
    statistic: totalEvidence(score.evidence),
    boundary: boundaryOf('scoreShift', policy.alpha),
    incumbent: toScore(scoreMean(score.incumbent)),
    candidate: toScore(scoreMean(score.candidate)),
    samples: score.candidate[0],
    ...describeDoubt(scoreDoubt(score), false),
  };
}

function reportCollapse({ collapse, score, policy }: JudgeState): GuardrailReport {
  return {
    name: 'constantAnswers',
    statistic: totalEvidence(collapse.evidence),
    boundary: boundaryOf('constantAnswers', policy.alpha),
    incumbent: rateOf(collapse.incumbent),
    candidate: rateOf(collapse.candidate),
    samples: score.candidate[0],
    ...describeDoubt(collapse.doubt, false),
  };
}

function reportQuality(state: JudgeState): GuardrailReport {
  const { quality, policy } = state;
  const isAmple = quality.candidate[0] >= AMPLE_LABELS * policy.minLabels && isPlanOver(state);
  const enough = Math.min(quality.candidate[0], quality.incumbent[0]) >= policy.minLabels;
  return {
    name: 'quality',
    statistic: enough ? totalEvidence(quality.evidence) : 0,
    boundary: boundaryOf('quality', policy.alpha),
    incumbent: numberOrNull(describeLabels(quality.incumbent).mean),
    candidate: numberOrNull(describeLabels(quality.candidate).mean),
    samples: quality.candidate[0],
    ...clearest(quality.doubt, quality.absoluteDoubt, isAmple),
    need: policy.minLabels,
  };
}

function describeDoubt(doubt: Doubt, isAmple: boolean): { doubt: number; doubtLimit: number } {
  return { doubt: doubt[0], doubtLimit: doubtLimit(doubt[1], isAmple) };
}

/** Two doubts of which one must be cleared: the one that is nearer to it. */
function clearest(a: Doubt, b: Doubt, isAmple: boolean): { doubt: number; doubtLimit: number } {
  const [first, second] = [describeDoubt(a, isAmple), describeDoubt(b, false)];
  return first.doubt / first.doubtLimit <= second.doubt / second.doubtLimit ? first : second;
}

function isPlanOver({ policy, startMinute, lastMinute }: JudgeState): boolean {
  return (lastMinute ?? 0) - (startMinute ?? 0) + 1 >= plannedMinutes(policy) + PATIENCE_MINUTES;
}

/** Labels of either version oblige to judge quality; without any there is nothing to wait for. */
function hasLabels({ quality }: JudgeState): boolean {
  return quality.candidate[0] + quality.incumbent[0] > 0;
}

function boundaryOf(name: GuardrailName, alpha: number): number {
  return 1 / (alpha * SHARES[name]);
}

function rateOf([trials, events]: readonly [number, number]): number | null {
  return trials === 0 ? null : events / trials;
}

function numberOrNull(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}
