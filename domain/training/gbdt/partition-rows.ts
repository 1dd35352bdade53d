import type { BinnedRows } from './binned-rows.ts';
import { MISSING_BIN } from './bins.ts';

/** Which of the 256 bins go left; looked up instead of compared, since a wrong branch guess costs more. */
const goesLeft = new Uint8Array(256);

/**
 * Moves the rows that go left to the front of the range, keeping the order on both sides, and returns where
 * the right side starts. `scratch` needs the length of the range.
 */
export function partitionRows(
  binned: BinnedRows,
  order: Uint32Array,
  scratch: Uint32Array,
  start: number,
  end: number,
  split: { readonly feature: number; readonly bin: number; readonly missingLeft: boolean },
): number {
  for (let bin = 0; bin < MISSING_BIN; bin++) goesLeft[bin] = bin <= split.bin ? 1 : 0;
  goesLeft[MISSING_BIN] = split.missingLeft ? 1 : 0;
  const { bytes } = binned;
  const bytesPerRow = binned.wordsPerRow * 4;
  let left = start;
  let right = 0;
  // Both sides are written every time and only the right cursor advances.
  for (let i = start; i < end; i++) {
    const row = order[i]!;
    const isLeft = goesLeft[bytes[row * bytesPerRow + split.feature]!]!;
    order[left] = row;
    scratch[right] = row;
    left += isLeft;
    right += 1 - isLeft;
  }
  for (let i = 0; i < right; i++) order[left + i] = scratch[i]!;
  return left;
}
