import { InvalidInputError } from '../../shared/domain-error.ts';
import type { Objective } from './model.ts';

/** A loss that trees are fitted to. */
export interface Loss {
  /** The best constant score, in float32 as the exported model holds it. */
  baseScore(target: Float64Array): number;
  /** Writes the first and second derivatives of each row's loss. */
  derive(scores: Float64Array, target: Float64Array, first: Float64Array, second: Float64Array): void;
  /** Mean loss. */
  evaluate(scores: Float64Array, target: Float64Array): number;
  /** Throws `InvalidInputError` for targets that the loss is not made for. */
  check(target: Float64Array): void;
}

/** Log loss of a target of 0 and 1 on the log-odds scale. */
const logLoss: Loss = {
  baseScore(target) {
    const mean = meanOf(target);
    return Math.fround(Math.log(mean / (1 - mean)));
  },
  derive(scores, target, first, second) {
    for (let row = 0; row < scores.length; row++) {
      const probability = 1 / (1 + Math.exp(-scores[row]!));
      first[row] = probability - target[row]!;
      second[row] = probability * (1 - probability);
    }
  },
  evaluate(scores, target) {
    let sum = 0;
    for (let row = 0; row < scores.length; row++) {
      const score = scores[row]!;
      // log(1 + e^s) - y s, written so that large scores do not overflow.
      sum += Math.max(score, 0) - score * target[row]! + Math.log1p(Math.exp(-Math.abs(score)));
    }
    return sum / scores.length;
  },
  check(target) {
    if (!target.every((value) => value === 0 || value === 1)) {
      throw new InvalidInputError('A binary target holds only 0 and 1, in every row.');
    }
    const mean = meanOf(target);
    if (!(mean > 0 && mean < 1)) {
      throw new InvalidInputError(`A binary target needs rows of both classes; every row is ${mean}.`);
    }
  },
};

/** Half the squared error. */
const squaredLoss: Loss = {
  baseScore: (target) => Math.fround(meanOf(target)),
  derive(scores, target, first, second) {
    for (let row = 0; row < scores.length; row++) first[row] = scores[row]! - target[row]!;
    second.fill(1);
  },
  evaluate(scores, target) {
    let sum = 0;
    for (let row = 0; row < scores.length; row++) sum += (scores[row]! - target[row]!) ** 2;
    return sum / (2 * scores.length);
  },
  check(target) {
    if (target.length === 0 || !target.every(Number.isFinite)) {
      throw new InvalidInputError('A regression target holds a finite number in every row.');
    }
  },
};

export const LOSSES: Readonly<Record<Objective, Loss>> = { binary: logLoss, regression: squaredLoss };

function meanOf(values: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}
