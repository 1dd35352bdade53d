/** A number for a sentence: three significant digits, without a tail of zeros. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const magnitude = Math.abs(value);
  if (magnitude !== 0 && (magnitude < 1e-3 || magnitude >= 1e7)) return value.toExponential(1);
  if (magnitude >= 1000) return Math.round(value).toLocaleString('en-US');
  return String(Number(value.toPrecision(3)));
}

/** A share as a percentage. */
export function formatShare(share: number): string {
  return `${formatNumber(share * 100)} %`;
}
