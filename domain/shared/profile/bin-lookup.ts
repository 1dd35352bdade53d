/**
 * Cells of the grid that is laid over the edges. At 256 nearly every cell of a quantile histogram holds at
 * most one edge, so a value finds its bin in one or two comparisons instead of the six of a binary search.
 */
const CELLS = 256;

/** Finds the bin of a value: bin i holds edge[i−1] < x ≤ edge[i]. */
export interface BinLookup {
  readonly edges: Float64Array;
  /** Per cell, how many edges lie in cells before it. */
  readonly grid: Uint8Array;
  readonly low: number;
  readonly cellsPerUnit: number;
}

/** Prepares at most 255 ascending edges for lookup. */
export function createBinLookup(edges: readonly number[]): BinLookup {
  const low = edges[0] ?? 0;
  const span = (edges[edges.length - 1] ?? 0) - low;
  const cellsPerUnit = span > 0 && Number.isFinite(CELLS / span) ? CELLS / span : 0;
  const grid = new Uint8Array(CELLS + 1);
  for (const edge of edges) {
    for (let cell = cellOf(edge, low, cellsPerUnit) + 1; cell <= CELLS; cell++) grid[cell]! += 1;
  }
  return { edges: Float64Array.from(edges), grid, low, cellsPerUnit };
}

/** Index of the bin that holds x, from 0 to the number of edges. */
export function findBin(lookup: BinLookup, x: number): number {
  const { edges, grid } = lookup;
  const last = edges.length - 1;
  if (last < 0 || x <= edges[0]!) return 0;
  if (x > edges[last]!) return last + 1;
  let bin = grid[cellOf(x, lookup.low, lookup.cellsPerUnit)]!;
  while (x > edges[bin]!) bin++;
  return bin;
}

function cellOf(x: number, low: number, cellsPerUnit: number): number {
  return ((x - low) * cellsPerUnit) | 0;
}
