import betainc from '@stdlib/math-base-special-betainc';
import gammainc from '@stdlib/math-base-special-gammainc';
import gammaln from '@stdlib/math-base-special-gammaln';
import normalCdf from '@stdlib/stats-base-dists-normal-cdf';

/** Beyond this many degrees of freedom the library's far tail keeps three digits only. */
const MANY_DEGREES = 300;
const TINY = 1e-300;
const MAX_TERMS = 2000;

/** Probability that a chi-square of these degrees of freedom is at least x; 1 without degrees of freedom. */
export function chiSquareSurvival(x: number, degreesOfFreedom: number): number {
  if (degreesOfFreedom <= 0 || !(x > 0)) return 1;
  if (degreesOfFreedom > MANY_DEGREES && x > degreesOfFreedom + 2) {
    return upperGammaFraction(x / 2, degreesOfFreedom / 2);
  }
  // The upper tail itself: 1 minus the lower one would lose all digits below 1e-16.
  return gammainc(x / 2, degreesOfFreedom / 2, true, true);
}

/** Probability that a sum of `shape` exponentials of mean 1 is at least x. */
export function gammaSurvival(x: number, shape: number): number {
  return chiSquareSurvival(2 * x, 2 * shape);
}

/** Regularised upper incomplete gamma function for x > a + 1, by Lentz's continued fraction. */
function upperGammaFraction(x: number, a: number): number {
  let b = x + 1 - a;
  let c = 1 / TINY;
  let d = 1 / b;
  let fraction = d;
  for (let i = 1; i < MAX_TERMS; i++) {
    const term = -i * (i - a);
    b += 2;
    d = 1 / (term * d + b || TINY);
    c = b + term / c || TINY;
    fraction *= d * c;
    if (Math.abs(d * c - 1) < Number.EPSILON) break;
  }
  return Math.exp(a * Math.log(x) - x - gammaln(a)) * fraction;
}

/** Probability that Fisher's F is at least x. */
export function fisherSurvival(x: number, numerator: number, denominator: number): number {
  if (!(x > 0) || numerator <= 0 || denominator <= 0) return 1;
  return betainc(denominator / (denominator + numerator * x), denominator / 2, numerator / 2, true, false);
}

/** Two-sided p-value of a standard normal z. */
export function twoSidedNormal(z: number): number {
  return 2 * normalCdf(-Math.abs(z), 0, 1);
}

/**
 * Probability of at least `hits` of `hits + misses` trials when each succeeds with `share`: the binomial tail,
 * also for counts that are no whole numbers.
 */
export function binomialAtLeast(hits: number, misses: number, share: number): number {
  if (hits <= 0) return 1;
  return betainc(share, hits, misses + 1, true, false);
}

/** Probability of at most `hits` of `hits + misses` trials. */
export function binomialAtMost(hits: number, misses: number, share: number): number {
  if (misses <= 0) return 1;
  return betainc(1 - share, misses, hits + 1, true, false);
}

/**
 * Two-sided p-value for the rates of two samples: given the events of both together, the current sample's part
 * is at most binomial with its share of the rows. It holds for any count, also none.
 */
export function rateDifference(
  reference: { readonly events: number; readonly rows: number },
  current: { readonly events: number; readonly rows: number },
): number {
  if (reference.rows <= 0 || current.rows <= 0) return 1;
  const share = current.rows / (current.rows + reference.rows);
  const more = binomialAtLeast(current.events, reference.events, share);
  const fewer = binomialAtMost(current.events, reference.events, share);
  return Math.min(1, 2 * Math.min(more, fewer));
}
