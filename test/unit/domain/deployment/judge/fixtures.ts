import { createJudge, judgeTick } from '../../../../../domain/deployment/judge/judge.ts';
import type { Decision, JudgeState } from '../../../../../domain/deployment/judge/judge-state.ts';
import { parsePolicy } from '../../../../../domain/deployment/judge/policy.ts';
import {
  emptyObservation,
  type Observation,
  toLatencyHistogram,
} from '../../../../../domain/shared/observation.ts';

/** Small seeded source of uniform numbers (mulberry32). */
export function uniformSource(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface Arm {
  readonly errorRate?: number;
  readonly medianMs?: number;
  readonly scoreCentre?: number;
  readonly constantBin?: number;
  readonly wrongRate?: number;
}

/** One minute of one version: about log-normal latency, triangular scores, a label for each third request. */
export function drawMinute(uniform: () => number, requests: number, arm: Arm): Observation {
  const errors = count(uniform, requests, arm.errorRate ?? 0.01);
  const latencies = Array.from({ length: requests }, () => {
    const spread = uniform() + uniform() + uniform() + uniform() - 2;
    return (arm.medianMs ?? 40) * Math.exp(0.7 * spread);
  });
  const score = new Array<number>(20).fill(0);
  for (let k = 0; k < requests - errors; k += 1) {
    const bin = Math.floor((arm.scoreCentre ?? 8) + 6 * (uniform() + uniform() - 1));
    score[arm.constantBin ?? Math.min(19, Math.max(0, bin))]! += 1;
  }
  const labels = Math.floor(requests / 3);
  const wrong = count(uniform, labels, arm.wrongRate ?? 0.1);
  return {
    requests,
    errors,
    latency: toLatencyHistogram(latencies),
    score,
    outcomes: { kind: 'classification', tp: labels - wrong, fp: wrong, tn: 0, fn: 0 },
  };
}

export interface RolloutRun {
  readonly decisions: readonly Decision[];
  readonly state: JudgeState;
  readonly candidateRequests: number;
}

/** Runs a rollout until it ends or the minutes are over. */
export function runRollout(setup: {
  readonly seed: number;
  readonly requestsPerMinute: number;
  readonly incumbent?: Arm;
  readonly candidate?: Arm;
  readonly policy?: unknown;
  readonly minutes?: number;
  /** Turns the state into what was stored and read again. */
  readonly store?: (state: JudgeState) => JudgeState;
}): RolloutRun {
  const uniform = uniformSource(setup.seed);
  const policy = parsePolicy(setup.policy ?? {});
  const store = setup.store ?? ((kept: JudgeState) => kept);
  let state = createJudge(policy, { task: 'classification' });
  let weight = policy.firstWeight;
  let candidateRequests = 0;
  const decisions: Decision[] = [];
  for (let minute = 0; minute < (setup.minutes ?? policy.maxMinutes + 1); minute += 1) {
    const requests = count(uniform, setup.requestsPerMinute, weight);
    const incumbent = drawMinute(uniform, setup.requestsPerMinute - requests, setup.incumbent ?? {});
    const candidate = drawMinute(uniform, requests, setup.candidate ?? setup.incumbent ?? {});
    const answer = judgeTick(store(state), { tick: minute, minute, weight, incumbent, candidate });
    state = answer.state;
    weight = answer.decision.weight ?? weight;
    candidateRequests += requests;
    decisions.push(answer.decision);
    if (state.outcome !== null) break;
  }
  return { decisions, state, candidateRequests };
}

/** Answers of a rollout in which every minute is the same for both versions. */
export function runConstant(
  minutes: number,
  incumbent: Observation = emptyObservation(),
  candidate: Observation = emptyObservation(),
  policy: unknown = {},
  weight = 0.1,
): RolloutRun {
  let state = createJudge(parsePolicy(policy), { task: 'classification' });
  const decisions: Decision[] = [];
  for (let minute = 0; minute < minutes && state.outcome === null; minute += 1) {
    const answer = judgeTick(state, { tick: minute, minute, weight, incumbent, candidate });
    state = answer.state;
    decisions.push(answer.decision);
  }
  return { decisions, state, candidateRequests: 0 };
}

function count(uniform: () => number, trials: number, p: number): number {
  let hits = 0;
  for (let k = 0; k < trials; k += 1) if (uniform() < p) hits += 1;
  return hits;
}
