/** What the operator does to the sums of the leaves. */
export interface ScoreRules {
  readonly kind: 'classifier' | 'regressor';
  /** Classes or targets. */
  readonly targets: number;
  readonly trees: number;
  readonly aggregate: 'SUM' | 'AVERAGE';
  readonly transform: 'NONE' | 'LOGISTIC' | 'SOFTMAX' | 'SOFTMAX_ZERO';
  readonly baseValues: Float32Array;
  /** Labels by class; for labels of text, their places. */
  readonly labels: readonly number[];
  /** Two classes, and leaves that vote for one of them alone. */
  readonly isBinary: boolean;
  readonly hasNegative: boolean;
}

/** Two scores come of the one that a binary model has. */
type Expansion = 'none' | 'share' | 'sign';

const f32 = Math.fround;

/** Adds base values to the sums of one row, transforms them, and leaves the answer in their place. */
export function finishTargets(rules: ScoreRules, scores: Float32Array, has: Uint8Array): void {
  const { targets, aggregate, trees, baseValues, transform } = rules;
  for (let k = 0; k < targets; k++) {
    if (aggregate === 'AVERAGE') scores[k] = scores[k]! / trees;
    if (baseValues.length === targets) scores[k]! += baseValues[k]!;
  }
  // onnxruntime transforms several targets and leaves one alone.
  if (targets === 1) return;
  clearVoteless(scores, has);
  transformScores(scores, transform);
}

/**
 * The same for a classifier; answers the label.
 *
 * @returns undefined where onnxruntime's answer is undefined too
 */
export function finishClasses(rules: ScoreRules, scores: Float32Array, has: Uint8Array): number | undefined {
  return rules.targets === 2 ? finishTwo(rules, scores, has) : finishMany(rules, scores, has);
}

function finishMany(
  { baseValues, labels, transform }: ScoreRules,
  scores: Float32Array,
  has: Uint8Array,
): number | undefined {
  baseValues.forEach((base, k) => {
    scores[k]! += base;
    has[k] = 1;
  });
  let best = -1;
  for (let k = 0; k < scores.length; k++) {
    if (has[k] === 1 && (best === -1 || scores[k]! > scores[best]!)) best = k;
  }
  clearVoteless(scores, has);
  transformScores(scores, transform);
  return labels[best];
}

/** The specification is vague here; this is what onnxruntime does. */
function finishTwo(rules: ScoreRules, scores: Float32Array, has: Uint8Array): number | undefined {
  const { baseValues, isBinary, hasNegative, labels, transform } = rules;
  let expansion: Expansion = 'none';
  let isSingle = false;
  if (baseValues.length === 2) {
    if (has[1] === 1) {
      scores[1] = baseValues[1]! + scores[0]!;
      scores[0] = -scores[1]!;
    } else {
      scores[1]! += baseValues[1]!;
      scores[0]! += baseValues[0]!;
    }
  } else {
    if (baseValues.length === 1) scores[0]! += baseValues[0]!;
    else expansion = 'sign';
    isSingle = has[1] === 0;
  }
  const decisive = !isSingle && has[1] === 1 ? scores[1]! : has[0] === 1 ? scores[0]! : 0;
  if (isBinary) expansion = hasNegative ? 'sign' : 'share';
  const isPositive = decisive > (isBinary && !hasNegative ? 0.5 : 0);
  clearVoteless(scores, has);
  if (!isSingle) transformScores(scores, transform);
  else if (expansion === 'none') return undefined;
  else expand(scores, expansion, transform);
  const [negative, positive] = isBinary ? labels : [0, 1];
  return isPositive ? positive : negative;
}

/** What no leaf voted for is 0, whatever its base value. */
function clearVoteless(scores: Float32Array, has: Uint8Array): void {
  for (let k = 0; k < scores.length; k++) if (has[k] === 0) scores[k] = 0;
}

function expand(scores: Float32Array, expansion: Expansion, transform: ScoreRules['transform']): void {
  const score = scores[0]!;
  const isLogistic = transform === 'LOGISTIC';
  scores[1] = isLogistic ? logistic(score) : score;
  if (isLogistic) scores[0] = logistic(-score);
  else scores[0] = expansion === 'share' ? 1 - score : -score;
}

function transformScores(scores: Float32Array, transform: ScoreRules['transform']): void {
  if (transform === 'LOGISTIC') {
    for (let k = 0; k < scores.length; k++) scores[k] = logistic(scores[k]!);
  } else if (transform !== 'NONE') softmax(scores, transform === 'SOFTMAX_ZERO');
}

function logistic(score: number): number {
  const share = f32(1 / f32(1 + f32(Math.exp(-Math.abs(score)))));
  return score < 0 ? f32(1 - share) : share;
}

/** @param skipsZeros whether a class without votes keeps next to nothing */
function softmax(scores: Float32Array, skipsZeros: boolean): void {
  let most = Number.NEGATIVE_INFINITY;
  for (const score of scores) most = Math.max(most, score);
  const atZero = f32(Math.exp(-most));
  let sum = 0;
  for (let k = 0; k < scores.length; k++) {
    const score = scores[k]!;
    if (skipsZeros && Math.abs(score) <= 1e-7) scores[k] = score * atZero;
    else {
      scores[k] = Math.exp(f32(score - most));
      sum = f32(sum + scores[k]!);
    }
  }
  for (let k = 0; k < scores.length; k++) scores[k] = scores[k]! / sum;
}
