/** Powers are rescaled by 2^128 before they overflow; the exponent is kept beside. */
const SCALE_BITS = 128;
const SCALE = 2 ** SCALE_BITS;

/** A square matrix with the power of two that multiplies it. */
interface Scaled {
  readonly values: Float64Array;
  readonly exponent: number;
}

/** Pr(D_n ≤ d) by Durbin's matrix (Marsaglia, Tsang & Wang 2003): 13 digits or more; cost grows as (n·d)³. */
export function durbinMatrixCdf(n: number, d: number): number {
  const k = Math.ceil(n * d);
  const size = 2 * k - 1;
  const power = raise({ values: createMatrix(size, k - n * d), exponent: 0 }, n, size);
  let p = power.values[(k - 1) * size + k - 1]!;
  let { exponent } = power;
  for (let i = 1; i <= n; i++) {
    p = (i * p) / n;
    if (p < 1 / SCALE) {
      p *= SCALE;
      exponent -= SCALE_BITS;
    }
  }
  return p * 2 ** exponent;
}

function createMatrix(size: number, h: number): Float64Array {
  const inverseFactorials = new Float64Array(size + 1).fill(1);
  for (let i = 1; i <= size; i++) inverseFactorials[i] = inverseFactorials[i - 1]! / i;
  const matrix = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let j = 1; j <= Math.min(size - 1, i + 1); j++) matrix[i * size + j] = inverseFactorials[i - j + 1]!;
  }
  for (let i = 0; i < size; i++) {
    const edge = (1 - h ** (i + 1)) * inverseFactorials[i + 1]!;
    matrix[i * size] = edge;
    matrix[(size - 1) * size + size - 1 - i] = edge;
  }
  matrix[(size - 1) * size] = (1 - 2 * h ** size + Math.max(0, 2 * h - 1) ** size) * inverseFactorials[size]!;
  return matrix;
}

function raise(matrix: Scaled, n: number, size: number): Scaled {
  if (n === 1) return matrix;
  const half = raise(matrix, Math.floor(n / 2), size);
  const squared = multiply(half, half, size);
  return n % 2 === 0 ? squared : multiply(squared, matrix, size);
}

function multiply(a: Scaled, b: Scaled, size: number): Scaled {
  const product = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let k = 0; k < size; k++) {
      const factor = a.values[i * size + k]!;
      if (factor === 0) continue;
      for (let j = 0; j < size; j++) product[i * size + j]! += factor * b.values[k * size + j]!;
    }
  }
  const exponent = a.exponent + b.exponent;
  const middle = product[(size * size) >> 1]!;
  if (middle <= SCALE) return { values: product, exponent };
  return { values: product.map((value) => value / SCALE), exponent: exponent + SCALE_BITS };
}
