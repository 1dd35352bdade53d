import { sumOf } from './contingency.ts';

/** Share of the reference below the middle of each bin: a rank that outliers and units cannot stretch. */
export function riditScores(counts: ArrayLike<number>): Float64Array {
  const total = sumOf(counts);
  const scores = new Float64Array(counts.length);
  let below = 0;
  for (let i = 0; i < counts.length; i++) {
    scores[i] = total > 0 ? (below + counts[i]! / 2) / total : 0.5;
    below += counts[i]!;
  }
  return scores;
}

/** What a pure shift adds to a chi-square, in squares of its rank z: bins see a little more than ranks do. */
const SHIFT_IN_CHI_SQUARE = 1.15;

/** The part of a chi-square that no shift of the values explains, with one degree of freedom less. */
export function shapePart(statistic: number, rankZ: number): number {
  return Math.max(0, statistic - SHIFT_IN_CHI_SQUARE * rankZ ** 2);
}

/**
 * z of the difference in mean rank of two samples over the same ordered bins (Wilcoxon's test with ties);
 * positive when q lies higher. 0 when either is empty or all rows share a bin.
 */
export function rankShift(p: ArrayLike<number>, q: ArrayLike<number>): number {
  const pTotal = sumOf(p);
  const qTotal = sumOf(q);
  const both = Array.from(p, (count, i) => count + q[i]!);
  const scores = riditScores(both);
  let qMean = 0;
  let variance = 0;
  for (let i = 0; i < both.length; i++) {
    qMean += (q[i]! * scores[i]!) / qTotal;
    variance += (both[i]! * (scores[i]! - 0.5) ** 2) / (pTotal + qTotal);
  }
  if (!(variance > 0) || pTotal === 0 || qTotal === 0) return 0;
  const standardError = Math.sqrt((variance * pTotal) / (qTotal * (pTotal + qTotal - 1)));
  return (qMean - 0.5) / standardError;
}
