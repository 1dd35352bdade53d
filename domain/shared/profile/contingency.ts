/** Pearson's chi-square of two rows of counts, with its degrees of freedom. */
export interface Contingency {
  readonly statistic: number;
  readonly degreesOfFreedom: number;
}

/**
 * Chi-square on the 2 × k table of two samples, without correction; bins empty on both sides are left out.
 * A one-bin table has statistic 0 and no degrees of freedom.
 */
export function contingencyChiSquare(p: ArrayLike<number>, q: ArrayLike<number>): Contingency {
  const pTotal = sumOf(p);
  const qTotal = sumOf(q);
  const total = pTotal + qTotal;
  let statistic = 0;
  let bins = 0;
  for (let i = 0; i < p.length; i++) {
    const both = p[i]! + q[i]!;
    if (both === 0) continue;
    bins++;
    const pExpected = (both * pTotal) / total;
    const qExpected = (both * qTotal) / total;
    statistic += (p[i]! - pExpected) ** 2 / pExpected + (q[i]! - qExpected) ** 2 / qExpected;
  }
  if (pTotal === 0 || qTotal === 0) return { statistic: 0, degreesOfFreedom: 0 };
  return { statistic, degreesOfFreedom: Math.max(0, bins - 1) };
}

/**
 * Groups bins so that each would hold at least `minimum` of the smaller sample's rows, when both were alike:
 * neighbours are joined when the bins are ordered, else all rare bins together.
 */
export function poolBins(
  p: ArrayLike<number>,
  q: ArrayLike<number>,
  minimum: number,
  ordered: boolean,
): Int32Array {
  const smaller = Math.min(sumOf(p), sumOf(q)) / (sumOf(p) + sumOf(q));
  const groups = new Int32Array(p.length);
  let group = ordered ? 0 : 1;
  let held = 0;
  for (let i = 0; i < p.length; i++) {
    const expected = (p[i]! + q[i]!) * smaller;
    if (ordered) {
      if (held >= minimum) {
        group++;
        held = 0;
      }
      held += expected;
      groups[i] = group;
    } else groups[i] = expected >= minimum ? group++ : 0;
  }
  if (!ordered || held >= minimum || group === 0) return groups;
  // What is left at the end is too little for a group of its own.
  return groups.map((assigned) => Math.min(assigned, group - 1));
}

/** Counts summed by group. */
export function sumGroups(counts: ArrayLike<number>, groups: Int32Array): Float64Array {
  const sums = new Float64Array(groups.reduce((max, group) => Math.max(max, group), 0) + 1);
  for (let i = 0; i < groups.length; i++) sums[groups[i]!]! += counts[i]!;
  return sums;
}

export function sumOf(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum;
}
