import { kolmogorovSurvival } from './kolmogorov.ts';

/** Largest gap of two empirical distribution functions, with its asymptotic two-sided p-value. */
export interface KolmogorovSmirnov {
  readonly statistic: number;
  readonly pValue: number;
}

/** Two-sample Kolmogorov-Smirnov test of sorted, non-empty samples, as SciPy's `ks_2samp(method='asymp')`. */
export function kolmogorovSmirnov(a: Float64Array, b: Float64Array): KolmogorovSmirnov {
  let largest = 0;
  walkSteps(a, b, (i, j) => {
    largest = Math.max(largest, Math.abs(i / a.length - j / b.length));
  });
  const effective = (a.length * b.length) / (a.length + b.length);
  return { statistic: largest, pValue: kolmogorovSurvival(roundHalfToEven(effective), largest) };
}

/** Earth mover's distance of sorted, non-empty samples, in the column's unit. */
export function wassersteinDistance(a: Float64Array, b: Float64Array): number {
  let distance = 0;
  walkSteps(a, b, (i, j, width) => {
    distance += Math.abs(i / a.length - j / b.length) * width;
  });
  return distance;
}

/** Visits each distinct value: how many of a and b are ≤ it, and the way to the next one. */
function walkSteps(
  a: Float64Array,
  b: Float64Array,
  visit: (i: number, j: number, width: number) => void,
): void {
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    const value = Math.min(a[i] ?? Infinity, b[j] ?? Infinity);
    while (i < a.length && a[i]! === value) i++;
    while (j < b.length && b[j]! === value) j++;
    const next = Math.min(a[i] ?? Infinity, b[j] ?? Infinity);
    visit(i, j, next === Infinity ? 0 : next - value);
  }
}

function roundHalfToEven(value: number): number {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}
