import { SCORE_BINS } from '../../shared/observation.ts';
import { totalEvidence } from './evidence.ts';
import { errorDoubt } from './guard-errors.ts';
import { latencyDoubt, latencyEvidence } from './guard-latency.ts';
import { describeLabels, qualityDoubt } from './guard-quality.ts';
import { scoreDoubt, scoreMean } from './guard-score.ts';
import type { GuardrailName, GuardrailReport, JudgeState } from './judge-state.ts';

/**
 * How alpha's bets are spread: their weighted mean is one e-value whatever the dependence between guardrails.
 * Errors have most, since few failures must suffice; a collapse shows within a handful of answers anyway.
 */
const SHARES: Readonly<Record<GuardrailName, number>> = {
  errorRate: 0.35,
  latencyP95: 0.2,
  scoreShift: 0.15,
  constantAnswers: 0.05,
  quality: 0.25,
};

/** Odds of harm that a promotion may leave. */
const DOUBT_LIMIT = 0.02;

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

function reportErrors({ errors, policy }: JudgeState): GuardrailReport {
  return {
    name: 'errorRate',
    statistic: totalEvidence(errors.evidence),
    boundary: boundaryOf('errorRate', policy.alpha),
    incumbent: rateOf(errors.incumbent),
    candidate: rateOf(errors.candidate),
    samples: errors.candidate[0],
    doubt: errorDoubt(errors),
    doubtLimit: DOUBT_LIMIT,
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
    doubt: latencyDoubt(latency),
    doubtLimit: DOUBT_LIMIT,
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
    doubt: scoreDoubt(score),
    doubtLimit: DOUBT_LIMIT,
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
    doubt: collapse.doubt,
    doubtLimit: DOUBT_LIMIT,
  };
}

function reportQuality({ quality, policy }: JudgeState): GuardrailReport {
  const enough = Math.min(quality.candidate[0], quality.incumbent[0]) >= policy.minLabels;
  return {
    name: 'quality',
    statistic: enough ? totalEvidence(quality.evidence) : 0,
    boundary: boundaryOf('quality', policy.alpha),
    incumbent: numberOrNull(describeLabels(quality.incumbent).mean),
    candidate: numberOrNull(describeLabels(quality.candidate).mean),
    samples: quality.candidate[0],
    doubt: qualityDoubt(quality),
    doubtLimit: DOUBT_LIMIT,
    need: policy.minLabels,
  };
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
