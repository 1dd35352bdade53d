import type { Behaviour, Task, World } from './traffic.ts';

export type CaseKind = 'good' | 'bad' | 'silent';

/** One situation: the world, the incumbent and what the candidate does in it. */
export interface Case {
  readonly name: string;
  readonly kind: CaseKind;
  readonly world: World;
  readonly incumbent: Behaviour;
  readonly candidate: Behaviour;
  /** Minute in which the candidate turns into `later`. */
  readonly turnsAt?: number;
  readonly later?: Behaviour;
}

interface Sketch {
  readonly name: string;
  readonly kind: CaseKind;
  readonly task?: Task;
  readonly world?: Partial<World>;
  readonly base?: Partial<Behaviour>;
  readonly candidate?: Partial<Behaviour>;
  readonly turnsAt?: number;
}

const CALM: Behaviour = {
  errorRate: 0.005,
  medianMs: 40,
  latencySigma: 0.45,
  scoreMean: 0.4,
  scoreSd: 0.15,
  constantScore: null,
  wrongRate: 0.1,
  absError: 1,
};

const WORLD: Omit<World, 'requestsPerMinute' | 'task'> = {
  rhythm: 0.3,
  burstChance: 0.005,
  burstErrorRate: 0.15,
  latencyNoise: 0.1,
  coldStartShare: 0.5,
  labelShare: 0.4,
  labelDelayMinutes: 1,
  candidateReach: 1,
};

const SKETCHES: readonly Sketch[] = [
  { name: 'same, no errors at all', kind: 'good', base: { errorRate: 0 }, world: { burstChance: 0 } },
  { name: 'same, errors 0.1 %', kind: 'good', base: { errorRate: 0.001 } },
  { name: 'same, errors 0.5 %', kind: 'good' },
  { name: 'same, errors 2 %', kind: 'good', base: { errorRate: 0.02 } },
  { name: 'same, errors 5 %', kind: 'good', base: { errorRate: 0.05 } },
  { name: 'same, regression', kind: 'good', task: 'regression' },
  { name: 'same, long bursts', kind: 'good', world: { burstChance: 0.08, burstErrorRate: 0.4 } },
  { name: 'same, latency noise', kind: 'good', world: { latencyNoise: 0.35 } },
  { name: 'same, wide latency', kind: 'good', base: { latencySigma: 0.8 } },
  { name: 'same, cold starts', kind: 'good', world: { coldStartShare: 1 } },
  { name: 'same, late labels', kind: 'good', world: { labelDelayMinutes: 20, labelShare: 0.3 } },
  { name: 'same, no labels', kind: 'good', world: { labelShare: 0 } },
  { name: 'same, accuracy 0.7', kind: 'good', base: { wrongRate: 0.3 } },
  { name: 'same, scores near 0', kind: 'good', base: { scoreMean: 0.02, scoreSd: 0.06 } },
  { name: 'within: errors × 1.05', kind: 'good', base: { errorRate: 0.02 }, candidate: { errorRate: 0.021 } },
  { name: 'within: latency + 5 %', kind: 'good', candidate: { medianMs: 42 } },
  { name: 'within: score + 0.15 sd', kind: 'good', candidate: { scoreMean: 0.4225 } },
  { name: 'better: fewer errors', kind: 'good', base: { errorRate: 0.02 }, candidate: { errorRate: 0.01 } },
  { name: 'better: latency - 20 %', kind: 'good', candidate: { medianMs: 32 } },
  { name: 'better: accuracy + 0.05', kind: 'good', candidate: { wrongRate: 0.05 } },
  { name: 'crash', kind: 'bad', candidate: { errorRate: 1 } },
  { name: 'errors 2 to 4 %', kind: 'bad', base: { errorRate: 0.02 }, candidate: { errorRate: 0.04 } },
  { name: 'errors 0.1 to 1 %', kind: 'bad', base: { errorRate: 0.001 }, candidate: { errorRate: 0.01 } },
  { name: 'latency + 100 %', kind: 'bad', candidate: { medianMs: 80 } },
  { name: 'latency + 20 %', kind: 'bad', candidate: { medianMs: 48 } },
  { name: 'score + 1 sd', kind: 'bad', candidate: { scoreMean: 0.55 } },
  { name: 'accuracy - 0.10', kind: 'bad', candidate: { wrongRate: 0.2 } },
  {
    name: 'accuracy 0.7 to 0.6',
    kind: 'bad',
    base: { wrongRate: 0.3 },
    candidate: { wrongRate: 0.4 },
  },
  { name: 'absolute error + 30 %', kind: 'bad', task: 'regression', candidate: { absError: 1.3 } },
  { name: 'constant answers', kind: 'bad', candidate: { constantScore: 0.4 } },
  { name: 'bad after 30: errors 10 %', kind: 'bad', candidate: { errorRate: 0.1 }, turnsAt: 30 },
  { name: 'bad after 30: latency + 50 %', kind: 'bad', candidate: { medianMs: 60 }, turnsAt: 30 },
  { name: 'bad after 30: crash', kind: 'bad', candidate: { errorRate: 1 }, turnsAt: 30 },
  { name: 'no traffic', kind: 'silent', world: { requestsPerMinute: 0 } },
  { name: 'candidate receives none', kind: 'silent', world: { candidateReach: 0 } },
];

export const RATES = [2000, 200, 20, 2] as const;

/** Every case at one request rate. */
export function casesAt(requestsPerMinute: number): Case[] {
  return SKETCHES.map((sketch) => toCase(sketch, requestsPerMinute));
}

function toCase(sketch: Sketch, requestsPerMinute: number): Case {
  const incumbent = { ...CALM, ...sketch.base };
  const changed = { ...incumbent, ...sketch.candidate };
  const world = { ...WORLD, requestsPerMinute, task: sketch.task ?? 'classification', ...sketch.world };
  const { name, kind, turnsAt } = sketch;
  if (turnsAt === undefined) return { name, kind, world, incumbent, candidate: changed };
  return { name, kind, world, incumbent, candidate: incumbent, turnsAt, later: changed };
}
