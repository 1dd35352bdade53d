/** Shares below this are raised to it in `psi` and `kl`, and not renormalised: an empty bin is not infinite. */
const SHARE_FLOOR = 1e-4;

/** Population stability index: Σ (q−p)·ln(q/p), of the shares of reference `p` and current `q` by bin. */
export function psi(p: ArrayLike<number>, q: ArrayLike<number>): number {
  return sumBins(p, q, (pShare, qShare) => {
    const [a, b] = [Math.max(pShare, SHARE_FLOOR), Math.max(qShare, SHARE_FLOOR)];
    return (b - a) * Math.log(b / a);
  });
}

/** Kullback-Leibler divergence of the current from the reference, in nats: Σ q·ln(q/p). */
export function kullbackLeibler(p: ArrayLike<number>, q: ArrayLike<number>): number {
  return sumBins(p, q, (pShare, qShare) => {
    const [a, b] = [Math.max(pShare, SHARE_FLOOR), Math.max(qShare, SHARE_FLOOR)];
    return b * Math.log(b / a);
  });
}

/** Jensen-Shannon distance, base 2: from 0 to 1. */
export function jensenShannon(p: ArrayLike<number>, q: ArrayLike<number>): number {
  const divergence = sumBins(p, q, (pShare, qShare) => {
    const middle = (pShare + qShare) / 2;
    return (entropyTerm(pShare, middle) + entropyTerm(qShare, middle)) / 2;
  });
  return Math.sqrt(Math.max(0, divergence));
}

function entropyTerm(share: number, middle: number): number {
  return share > 0 ? share * Math.log2(share / middle) : 0;
}

/** Hellinger distance: from 0 to 1. */
export function hellinger(p: ArrayLike<number>, q: ArrayLike<number>): number {
  return Math.sqrt(sumBins(p, q, (a, b) => (Math.sqrt(a) - Math.sqrt(b)) ** 2)) / Math.SQRT2;
}

/** Largest difference of shares of one bin. */
export function largestShareGap(p: ArrayLike<number>, q: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < p.length; i++) largest = Math.max(largest, Math.abs(q[i]! - p[i]!));
  return largest;
}

/** Counts as shares of their sum; all 0 when it is 0. */
export function toShares(counts: ArrayLike<number>): Float64Array {
  let total = 0;
  for (let i = 0; i < counts.length; i++) total += counts[i]!;
  return Float64Array.from(counts, (count) => (total > 0 ? count / total : 0));
}

function sumBins(
  p: ArrayLike<number>,
  q: ArrayLike<number>,
  term: (pShare: number, qShare: number) => number,
): number {
  let sum = 0;
  for (let i = 0; i < p.length; i++) sum += term(p[i]!, q[i]!);
  return sum;
}
