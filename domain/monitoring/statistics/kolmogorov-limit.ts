const MAX_TERMS = 100;
/** Below this the probability is 1 to sixteen digits. */
const CERTAIN = 0.2;

/**
 * Probability that Kolmogorov's statistic of n values exceeds d, by the limiting distribution with Stephens'
 * correction (1970): a few percent of the exact one, in a microsecond. Bins blur d by more than that.
 */
export function kolmogorovLimit(n: number, d: number): number {
  const root = Math.sqrt(n);
  const lambda = (root + 0.12 + 0.11 / root) * d;
  if (!(lambda > CERTAIN)) return 1;
  let sum = 0;
  for (let k = 1; k <= MAX_TERMS; k++) {
    const term = Math.exp(-2 * k * k * lambda * lambda);
    sum += k % 2 === 1 ? term : -term;
    if (term < 1e-17) break;
  }
  return Math.min(1, Math.max(0, 2 * sum));
}
