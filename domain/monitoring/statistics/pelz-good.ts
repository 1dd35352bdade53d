const PI2 = Math.PI ** 2;
const PI4 = PI2 * PI2;
const PI6 = PI4 * PI2;
const SQRT_2PI = Math.sqrt(2 * Math.PI);
const MIN_LOG = -708;

/** Pr(D_n ≤ d) by the series of Pelz & Good (1976), with the terms up to n^−1.5: for n above a hundred. */
export function pelzGoodCdf(n: number, d: number): number {
  const z = Math.sqrt(n) * d;
  if (-PI2 / 8 / z ** 2 < MIN_LOG) return 0;
  const maxK = Math.ceil((16 * z) / Math.PI);
  const [k0, k1, k2, k3] = thetaSums(z, maxK);
  const [extra2, extra3] = extraSums(z, maxK);
  return k0! + k1! / Math.sqrt(n) + (k2! + extra2!) / n + (k3! + extra3!) / n ** 1.5;
}

function thetaSums(z: number, maxK: number): number[] {
  const [z2, z4, z6] = [z ** 2, z ** 4, z ** 6];
  const q = Math.exp(-PI2 / 8 / z2);
  const sums = [0, 0, 0, 0];
  for (let k = maxK; k > 0; k--) {
    const m2 = (2 * k - 1) ** 2;
    const coefficients = [
      1,
      -z2 + (PI2 / 4) * m2,
      6 * z6 + 2 * z4 + (((2 * z4 - 5 * z2) * PI2) / 4) * m2 + ((PI4 * (1 - 2 * z2)) / 16) * m2 ** 2,
      -30 * z6 -
        90 * z ** 8 +
        ((PI2 * (135 * z4 - 96 * z6)) / 4) * m2 +
        ((PI4 * (-60 * z2 + 212 * z4)) / 16) * m2 ** 2 +
        ((PI6 * (5 - 30 * z2)) / 64) * m2 ** 3,
    ];
    sums.forEach((sum, i) => {
      sums[i] = sum * q ** (8 * k) + coefficients[i]!;
    });
  }
  const divisors = [z, 6 * z4, 72 * z ** 7, 6480 * z ** 10];
  return sums.map((sum, i) => (sum * q * SQRT_2PI) / divisors[i]!);
}

function extraSums(z: number, maxK: number): number[] {
  const q = Math.exp(-PI2 / 2 / z ** 2);
  let second = 0;
  let third = 0;
  for (let k = maxK; k > 0; k--) {
    const term = k * k * q ** (k * k);
    second += term;
    third += (3 * z * z - (k * Math.PI) ** 2) * term;
  }
  return [(second * PI2 * SQRT_2PI) / (-36 * z ** 3), (third * PI2 * SQRT_2PI) / (216 * z ** 6)];
}
