import {
  LATENCY_EDGES_MS,
  type Observation,
  type Outcomes,
  SCORE_BINS,
} from '../../domain/shared/observation.ts';
import { Random } from './random.ts';

export type Task = 'classification' | 'regression';

/** How one version behaves in a minute. */
export interface Behaviour {
  readonly errorRate: number;
  readonly medianMs: number;
  readonly latencySigma: number;
  readonly scoreMean: number;
  readonly scoreSd: number;
  readonly constantScore: number | null;
  readonly wrongRate: number;
  readonly absError: number;
}

/** The world that both versions live in. */
export interface World {
  readonly requestsPerMinute: number;
  readonly task: Task;
  readonly rhythm: number;
  /** Chance per minute that a burst of errors starts, which hits both versions. */
  readonly burstChance: number;
  readonly burstErrorRate: number;
  /** Standard deviation of the minute's common log latency. */
  readonly latencyNoise: number;
  readonly coldStartShare: number;
  readonly labelShare: number;
  readonly labelDelayMinutes: number;
  /** Requests that reach the candidate, against what its weight promises. */
  readonly candidateReach: number;
}

interface Label {
  count: number;
  wrong: number;
  absErrorSum: number;
  absErrorSquares: number;
}

/** Simulated minutes of two versions behind one weighted alias. */
export class Traffic {
  readonly #random: Random;
  readonly #world: World;
  readonly #phase: number;
  #burstMinutes = 0;
  #latencyNoise = 0;
  readonly #pending = { incumbent: new Map<number, Label>(), candidate: new Map<number, Label>() };
  readonly #labelled = { incumbent: false, candidate: false };

  constructor(world: World, seed: number) {
    this.#random = new Random(seed);
    this.#world = world;
    this.#phase = this.#random.uniform() * 2 * Math.PI;
  }

  /** Both versions' observation of one minute. */
  minute(
    minute: number,
    weight: number,
    incumbent: Behaviour,
    candidate: Behaviour,
  ): { incumbent: Observation; candidate: Observation } {
    const world = this.#world;
    const day = 1 + world.rhythm * Math.sin((2 * Math.PI * minute) / 240 + this.#phase);
    const requests = this.#random.poisson(world.requestsPerMinute * day);
    const candidateRequests = this.#random.binomial(requests, weight);
    const reached = this.#random.binomial(candidateRequests, world.candidateReach);
    this.#drift();
    const burst = this.#burstMinutes > 0 ? world.burstErrorRate : 0;
    const cold = world.coldStartShare * Math.exp(-minute / 1.5);
    return {
      incumbent: this.#observe('incumbent', minute, requests - candidateRequests, incumbent, burst, 0),
      candidate: this.#observe('candidate', minute, reached, candidate, burst, minute < 5 ? cold : 0),
    };
  }

  #drift(): void {
    this.#burstMinutes -= 1;
    if (this.#random.uniform() < this.#world.burstChance) this.#burstMinutes = 1 + this.#random.poisson(2);
    this.#latencyNoise = 0.7 * this.#latencyNoise + this.#world.latencyNoise * this.#random.normal();
  }

  #observe(
    arm: 'incumbent' | 'candidate',
    minute: number,
    requests: number,
    behaviour: Behaviour,
    burst: number,
    cold: number,
  ): Observation {
    const errors = this.#random.binomial(requests, 1 - (1 - behaviour.errorRate) * (1 - burst));
    const answered = requests - errors;
    this.#plantLabels(arm, minute, answered, behaviour);
    return {
      requests,
      errors,
      latency: this.#drawLatency(requests, behaviour, cold),
      score: this.#drawScores(answered, behaviour),
      outcomes: this.#harvestLabels(arm, minute),
    };
  }

  #drawLatency(requests: number, behaviour: Behaviour, cold: number): number[] {
    const coldRequests = this.#random.binomial(requests, cold);
    const median = Math.log(behaviour.medianMs) + this.#latencyNoise;
    const warm = drawLogNormal(this.#random, requests - coldRequests, median, behaviour.latencySigma);
    const slow = drawLogNormal(this.#random, coldRequests, Math.log(900), 0.3);
    return warm.map((count, k) => count + slow[k]!);
  }

  #drawScores(answered: number, { scoreMean, scoreSd, constantScore }: Behaviour): number[] {
    if (constantScore !== null) {
      const counts = new Array<number>(SCORE_BINS).fill(0);
      counts[Math.min(SCORE_BINS - 1, Math.floor(constantScore * SCORE_BINS))] = answered;
      return counts;
    }
    return this.#random.multinomial(answered, normalBins(scoreMean, scoreSd));
  }

  #plantLabels(arm: 'incumbent' | 'candidate', minute: number, answered: number, behaviour: Behaviour): void {
    const labelled = this.#random.binomial(answered, this.#world.labelShare);
    // Labels arrive evenly over the minutes that follow the shortest delay.
    const perMinute = this.#random.multinomial(labelled, LABEL_SPREAD);
    for (const [k, count] of perMinute.entries()) {
      if (count === 0) continue;
      const due = minute + this.#world.labelDelayMinutes + k;
      const label = this.#pending[arm].get(due) ?? { count: 0, wrong: 0, absErrorSum: 0, absErrorSquares: 0 };
      label.count += count;
      label.wrong += this.#random.binomial(count, behaviour.wrongRate);
      for (let n = 0; n < count && this.#world.task === 'regression'; n += 1) {
        const error = Math.abs(this.#random.normal()) * behaviour.absError * Math.sqrt(Math.PI / 2);
        label.absErrorSum += error;
        label.absErrorSquares += error * error;
      }
      this.#pending[arm].set(due, label);
    }
  }

  #harvestLabels(arm: 'incumbent' | 'candidate', minute: number): Outcomes | null {
    const label = this.#pending[arm].get(minute);
    this.#pending[arm].delete(minute);
    if (label !== undefined) this.#labelled[arm] = true;
    if (!this.#labelled[arm]) return null;
    const { count, wrong, absErrorSum, absErrorSquares } = label ?? {
      count: 0,
      wrong: 0,
      absErrorSum: 0,
      absErrorSquares: 0,
    };
    if (this.#world.task === 'regression') {
      return { kind: 'regression', count, abs_error_sum: absErrorSum, abs_error_sq_sum: absErrorSquares };
    }
    const fp = this.#random.binomial(wrong, 0.5);
    const tp = this.#random.binomial(count - wrong, 0.3);
    return { kind: 'classification', tp, fp, tn: count - wrong - tp, fn: wrong - fp };
  }
}

const LABEL_SPREAD = new Array<number>(5).fill(0.2);

const LN_EDGES = LATENCY_EDGES_MS.map((edge) => Math.log(edge));

function drawLogNormal(random: Random, requests: number, lnMedian: number, sigma: number): number[] {
  if (requests === 0) return new Array<number>(LN_EDGES.length + 1).fill(0);
  if (requests > 60) return random.multinomial(requests, logNormalBins(lnMedian, sigma));
  const counts = new Array<number>(LN_EDGES.length + 1).fill(0);
  for (let n = 0; n < requests; n += 1) {
    const bin = Math.ceil(((lnMedian + sigma * random.normal()) * 24) / Math.LN10);
    counts[Math.min(LN_EDGES.length, Math.max(0, bin))]! += 1;
  }
  return counts;
}

function logNormalBins(lnMedian: number, sigma: number): number[] {
  let below = 0;
  const bins = LN_EDGES.map((edge) => {
    const until = normalCdf((edge - lnMedian) / sigma);
    const share = until - below;
    below = until;
    return share;
  });
  return [...bins, 1 - below];
}

const scoreBinsCache = new Map<string, number[]>();

/** Shares of a normal law cut to [0, 1] at its ends. */
function normalBins(mean: number, sd: number): number[] {
  const key = `${mean}/${sd}`;
  const cached = scoreBinsCache.get(key);
  if (cached !== undefined) return cached;
  const bins: number[] = [];
  let below = 0;
  for (let bin = 1; bin <= SCORE_BINS; bin += 1) {
    const until = bin === SCORE_BINS ? 1 : normalCdf((bin / SCORE_BINS - mean) / sd);
    bins.push(until - below);
    below = until;
  }
  scoreBinsCache.set(key, bins);
  return bins;
}

/** Abramowitz and Stegun 26.2.17: absolute error below 8e-8, ample for traffic. */
function normalCdf(z: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(z));
  const poly =
    t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  const upper = (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * poly;
  return z > 0 ? 1 - upper : upper;
}
