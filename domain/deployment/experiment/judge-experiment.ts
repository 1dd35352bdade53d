import type { ExperimentArm } from './assign-arm.ts';
import { addSums, compareMeans, LEAST_UNITS, type MeanSums, noSums } from './compare-means.ts';
import { addRates, type RateTest, rateOf, startRateTest } from './compare-rates.ts';
import type { ExperimentPolicy } from './experiment-policy.ts';
import { addUnits, ratioEvidence, type SampleRatio, startSampleRatio } from './sample-ratio.ts';

/** 0.001, as looked at for weeks: a false alarm costs a whole test. */
const SAMPLE_RATIO_BOUNDARY = 1000;

/** One arm's minute. Units are callers seen for the first time; a goal is counted when a unit's is known. */
export interface ArmMinute {
  readonly version: number;
  readonly units: number;
  readonly goal: MeanSums;
}

export interface ExperimentState {
  readonly policy: ExperimentPolicy;
  /** The first one is the champion. */
  readonly arms: readonly ExperimentArm[];
  readonly startMinute: number | null;
  readonly ratio: SampleRatio;
  readonly rates: readonly RateTest[];
  readonly sums: readonly MeanSums[];
}

/** What is known of one challenger against the champion. */
export interface Comparison {
  readonly version: number;
  readonly champion: number | null;
  readonly challenger: number | null;
  /** Of a rate: evidence. Of a mean: distance from 0 in half widths of its interval. */
  readonly statistic: number;
  readonly boundary: number;
  readonly verdict: 'WIN' | 'HARM' | 'INCONCLUSIVE' | 'NO_DATA';
}

export interface ExperimentDecision {
  readonly decision: 'CONTINUE' | 'STOP';
  readonly verdict: 'WIN' | 'HARM' | 'INCONCLUSIVE' | 'INVALID_SRM' | 'NO_DATA';
  /** The version that should serve from now on; null while the test goes on. */
  readonly winner: number | null;
  readonly reason: string;
  readonly comparisons: readonly Comparison[];
  readonly sampleRatio: { readonly evidence: number; readonly boundary: number };
}

export function createExperiment(policy: ExperimentPolicy, arms: readonly ExperimentArm[]): ExperimentState {
  return {
    ...{ policy, arms, startMinute: null },
    ratio: startSampleRatio(arms.map(({ share }) => share)),
    rates: arms.slice(1).map(startRateTest),
    sums: arms.map(noSums),
  };
}

/** Adds one minute and decides: pure, and valid however often it is asked. */
export function judgeExperiment(
  state: ExperimentState,
  minute: number,
  seen: readonly ArmMinute[],
): { readonly state: ExperimentState; readonly decision: ExperimentDecision } {
  const goals = state.arms.map(({ version }) => findArm(seen, version)?.goal ?? noSums());
  const next: ExperimentState = {
    ...state,
    startMinute: state.startMinute ?? minute,
    ratio: addUnits(
      state.ratio,
      state.arms.map(({ version }) => findArm(seen, version)?.units ?? 0),
    ),
    rates: state.rates.map((test, k) => addRates(test, toRate(goals[0]!), toRate(goals[k + 1]!))),
    sums: state.sums.map((sums, k) => addSums(sums, goals[k]!)),
  };
  return { state: next, decision: decide(next, minute - (next.startMinute ?? minute) + 1) };
}

function findArm(seen: readonly ArmMinute[], version: number): ArmMinute | undefined {
  return seen.find((arm) => arm.version === version);
}

function toRate({ units, sum }: MeanSums) {
  return { units, successes: sum };
}

function decide(state: ExperimentState, minutes: number): ExperimentDecision {
  const { policy, arms } = state;
  const comparisons = arms.slice(1).map((_, k) => compare(state, k));
  const evidence = ratioEvidence(state.ratio);
  const known = { comparisons, sampleRatio: { evidence, boundary: SAMPLE_RATIO_BOUNDARY } };
  const champion = arms[0]!.version;
  if (evidence >= SAMPLE_RATIO_BOUNDARY) {
    const reason = `INVALID_SRM: the arms got ${state.ratio.units.join(', ')} callers, which their shares do not explain; no verdict can be trusted.`;
    return { decision: 'STOP', verdict: 'INVALID_SRM', winner: champion, reason, ...known };
  }
  const wins = comparisons.filter(({ verdict }) => verdict === 'WIN');
  if (wins.length > 0 && minutes >= policy.minMinutes) {
    const best = wins.toSorted((a, b) => gain(policy, b) - gain(policy, a))[0]!;
    return { decision: 'STOP', verdict: 'WIN', winner: best.version, reason: explain(best), ...known };
  }
  if (comparisons.every(({ verdict }) => verdict === 'HARM')) {
    const reason = comparisons.map(explain).join(' ');
    return { decision: 'STOP', verdict: 'HARM', winner: champion, reason, ...known };
  }
  const verdict = comparisons.every((one) => one.verdict === 'NO_DATA') ? 'NO_DATA' : 'INCONCLUSIVE';
  if (minutes >= policy.maxMinutes) {
    const reason = `${verdict}: no difference was shown in ${minutes} minutes, so the champion stays.`;
    return { decision: 'STOP', verdict, winner: champion, reason, ...known };
  }
  const reason = `${verdict}: minute ${minutes} of at most ${policy.maxMinutes}.`;
  return { decision: 'CONTINUE', verdict, winner: null, reason, ...known };
}

function compare(state: ExperimentState, k: number): Comparison {
  const { policy, arms } = state;
  // Bonferroni: with several challengers each one's test is the stricter.
  const alpha = policy.alpha / (arms.length - 1);
  const version = arms[k + 1]!.version;
  const values =
    policy.goal === 'rate' ? compareByRate(state.rates[k]!, alpha) : compareByMean(state, k, alpha);
  const { champion, challenger, statistic, boundary } = values;
  if (champion === null || challenger === null)
    return { version, champion, challenger, statistic, boundary, verdict: 'NO_DATA' };
  const isBetter = policy.better === 'higher' ? challenger > champion : challenger < champion;
  const verdict = statistic < boundary ? 'INCONCLUSIVE' : isBetter ? 'WIN' : 'HARM';
  return { version, champion, challenger, statistic, boundary, verdict };
}

function compareByRate(test: RateTest, alpha: number) {
  return {
    champion: rateOf(test.control),
    challenger: rateOf(test.challenger),
    statistic: Math.exp(test.lnEvidence),
    boundary: 1 / alpha,
  };
}

function compareByMean({ policy, sums }: ExperimentState, k: number, alpha: number) {
  const [control, challenger] = [sums[0]!, sums[k + 1]!];
  const { difference, halfWidth } = compareMeans(control, challenger, alpha, policy.plannedUnits);
  const isWide = difference === null || halfWidth === null || halfWidth === 0;
  return {
    champion: meanOf(control),
    challenger: meanOf(challenger),
    statistic: isWide ? 0 : Math.abs(difference) / halfWidth,
    boundary: 1,
  };
}

function meanOf({ units, sum }: MeanSums): number | null {
  return units < LEAST_UNITS ? null : sum / units;
}

function gain({ better }: ExperimentPolicy, { champion, challenger }: Comparison): number {
  const difference = (challenger ?? 0) - (champion ?? 0);
  return better === 'higher' ? difference : -difference;
}

function explain({ version, verdict, champion, challenger, statistic, boundary }: Comparison): string {
  const round = (value: number | null) => (value === null ? 'none' : Number(value.toPrecision(3)));
  return `${verdict}: version ${version} has ${round(challenger)} against ${round(champion)}; evidence ${round(statistic)} against the boundary ${round(boundary)}.`;
}
