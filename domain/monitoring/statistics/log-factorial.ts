const SMALL = 256;
const TABLE = new Float64Array(SMALL);
for (let n = 2; n < SMALL; n++) TABLE[n] = TABLE[n - 1]! + Math.log(n);
const HALF_LOG_2PI = Math.log(2 * Math.PI) / 2;

/** ln n! for whole n ≥ 0, by table or Stirling's series (error below 1e-16 of the value from 256 on). */
export function logFactorial(n: number): number {
  if (n < SMALL) return TABLE[n]!;
  const inverse = 1 / n;
  const square = inverse * inverse;
  return (n + 0.5) * Math.log(n) - n + HALF_LOG_2PI + inverse * (1 / 12 - square * (1 / 360 - square / 1260));
}
