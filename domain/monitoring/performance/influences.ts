/** A metric of a window: its value, and how much each row moved it. */
export interface MeasuredMetric {
  readonly value: number;
  /** Influence of each row; their standard deviation ÷ √n is the metric's standard error. */
  readonly influences: Float64Array;
}

/** Keeps the log of a probability that was rounded to 0 or 1 finite, as scikit-learn's log_loss does. */
const LEAST_PROBABILITY = 2 ** -23;

/** A metric that is a mean over rows. */
export function meanMetric(perRow: Float64Array): MeasuredMetric {
  const value = perRow.reduce((sum, x) => sum + x, 0) / perRow.length;
  return { value, influences: perRow.map((x) => x - value) };
}

/** A metric that is Σ numerator ÷ Σ denominator over rows; NaN without a denominator. */
export function ratioMetric(numerator: Float64Array, denominator: Float64Array): MeasuredMetric {
  const n = numerator.length;
  const below = denominator.reduce((sum, x) => sum + x, 0) / n;
  const value = numerator.reduce((sum, x) => sum + x, 0) / n / below;
  return { value, influences: numerator.map((x, i) => (x - value * denominator[i]!) / below) };
}

export function logLosses(labels: Uint8Array, scores: Float64Array): Float64Array {
  return scores.map((score, i) => {
    const ofTruth = labels[i] === 1 ? score : 1 - score;
    return -Math.log(Math.min(1, Math.max(LEAST_PROBABILITY, ofTruth)));
  });
}

/** Area under the ROC curve; influences are DeLong's placements. NaN when one class is absent. */
export function aucMetric(labels: Uint8Array, scores: Float64Array): MeasuredMetric {
  const n = labels.length;
  const order = Uint32Array.from({ length: n }, (_, i) => i).sort((a, b) => scores[a]! - scores[b]!);
  const positives = labels.reduce((sum, label) => sum + label, 0);
  const negatives = n - positives;
  const placements = new Float64Array(n);
  let positivesBelow = 0;
  let negativesBelow = 0;
  for (let from = 0; from < n; ) {
    let to = from;
    let tied = 0;
    for (; to < n && scores[order[to]!] === scores[order[from]!]; to++) tied += labels[order[to]!]!;
    const tiedNegatives = to - from - tied;
    for (let i = from; i < to; i++) {
      const row = order[i]!;
      placements[row] =
        labels[row] === 1
          ? (negativesBelow + tiedNegatives / 2) / negatives
          : 1 - (positivesBelow + tied / 2) / positives;
    }
    positivesBelow += tied;
    negativesBelow += tiedNegatives;
    from = to;
  }
  let value = 0;
  for (let row = 0; row < n; row++) if (labels[row] === 1) value += placements[row]! / positives;
  if (positives === 0 || negatives === 0) value = Number.NaN;
  const shares = [negatives / n, positives / n];
  return {
    value,
    influences: placements.map((placement, row) => (placement - value) / shares[labels[row]!]!),
  };
}

/** 1 − Σ error² ÷ Σ deviation²; NaN when the labels do not vary. */
export function rSquaredMetric(predictions: Float64Array, labels: Float64Array): MeasuredMetric {
  const mean = labels.reduce((sum, label) => sum + label, 0) / labels.length;
  const errors = labels.map((label, i) => (label - predictions[i]!) ** 2);
  const deviations = labels.map((label) => (label - mean) ** 2);
  const { value, influences } = ratioMetric(errors, deviations);
  return { value: 1 - value, influences: influences.map((x) => -x) };
}

/** Root of the mean squared error. */
export function rmseMetric(predictions: Float64Array, labels: Float64Array): MeasuredMetric {
  const { value, influences } = meanMetric(labels.map((label, i) => (label - predictions[i]!) ** 2));
  const root = Math.sqrt(value);
  return { value: root, influences: influences.map((x) => (root > 0 ? x / (2 * root) : 0)) };
}
