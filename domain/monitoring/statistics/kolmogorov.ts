import { durbinMatrixCdf } from './durbin-matrix.ts';
import { logFactorial } from './log-factorial.ts';
import { pelzGoodCdf } from './pelz-good.ts';

/** Above n·d² = 370 the probability is below the smallest double. */
const UNDERFLOW = 370;
/** From here on the two-sided probability is twice the one-sided one, to 1e-6 and better (Miller 1956). */
const MILLER_SMALL = 4;
const MILLER_LARGE = 2.2;
/** Up to this n the exact matrix costs little; above it Pelz and Good's series is as exact as a double. */
const EXACT_N = 140;
const NEGLIGIBLE_LOG = -745;

/**
 * Probability that Kolmogorov's two-sided statistic of n values exceeds d, with the choice of method by
 * Simard & L'Ecuyer (2011), as SciPy's `kstwo.sf` has it.
 */
export function kolmogorovSurvival(n: number, d: number): number {
  if (!(n > 0) || d <= 0) return 1;
  if (d >= 1) return 0;
  const t = n * d;
  const square = t * d;
  if (t <= 0.5) return 1;
  if (t <= 1) return clip(1 - Math.exp(logFactorial(n) - n * Math.log(n) + n * Math.log(2 * t - 1)));
  if (t >= n - 1) return clip(2 * (1 - d) ** n);
  if (square >= UNDERFLOW) return 0;
  if (d >= 0.5 || square > (n <= EXACT_N ? MILLER_SMALL : MILLER_LARGE))
    return clip(2 * smirnovSurvival(n, d));
  return clip(1 - (isExact(n, d) ? durbinMatrixCdf(n, d) : pelzGoodCdf(n, d)));
}

function isExact(n: number, d: number): boolean {
  return n <= EXACT_N || (n <= 2000 && n * d ** 1.5 <= 1.4);
}

/**
 * Smirnov's exact one-sided probability, d·Σ C(n,v)·(d+v/n)^(v−1)·(1−d−v/n)^(n−v) over v ≤ n(1−d), in
 * logarithms because its terms span hundreds of decades.
 */
function smirnovSurvival(n: number, d: number): number {
  const last = Math.floor(n * (1 - d));
  const logN = logFactorial(n);
  let sum = 0;
  for (let v = 0; v <= last; v++) {
    const rest = 1 - d - v / n;
    if (rest <= 0) continue;
    const logTerm =
      logN - logFactorial(v) - logFactorial(n - v) + (v - 1) * Math.log(d + v / n) + (n - v) * Math.log(rest);
    if (logTerm > NEGLIGIBLE_LOG) sum += Math.exp(logTerm);
  }
  return d * sum;
}

function clip(probability: number): number {
  return Math.min(1, Math.max(0, probability));
}
