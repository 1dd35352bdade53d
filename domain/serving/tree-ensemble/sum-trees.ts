import { type FlatTrees, OTHERWISE, THRESHOLD } from './flat-trees.ts';

/** Rows that are summed tree by tree: 30 features of so many rows and one tree stay in the first cache. */
const BLOCK_ROWS = 256;
/** Beyond it most leaves are far above the deepest one, and walking on in them costs more than asking. */
export const DEEPEST_UNASKED = 12;

/** What the leaves that rows came to add up to; 32-bit sums in the trees' order, as onnxruntime has them. */
export interface TreeSums {
  /** By row and target. */
  readonly scores: Float32Array;
  /** Whether any leaf had a weight for the target. */
  readonly has: Uint8Array;
}

/** Walks all rows through all trees. */
export function sumTrees(trees: FlatTrees, matrix: Float32Array, rows: number, targets: number): TreeSums {
  const sums = { scores: new Float32Array(rows * targets), has: new Uint8Array(rows * targets) };
  const walk: Walk = { ...trees, matrix };
  const below = trees.missingBelow !== undefined && hasNaN(matrix) ? trees.missingBelow : undefined;
  if (rows === 1 && trees.onlyTarget !== undefined) {
    const isFast = below === undefined && trees.depth <= DEEPEST_UNASKED;
    sums.scores[trees.onlyTarget] = isFast ? sumRow(walk) : sumRowAsking(walk, below);
    sums.has[trees.onlyTarget] = 1;
    return sums;
  }
  for (let from = 0; from < rows; from += BLOCK_ROWS) {
    sumBlock(walk, below, from, Math.min(rows, from + BLOCK_ROWS), targets, sums);
  }
  return sums;
}

interface Walk extends FlatTrees {
  readonly matrix: Float32Array;
}

function hasNaN(matrix: Float32Array): boolean {
  for (let i = 0; i < matrix.length; i++) if (Number.isNaN(matrix[i])) return true;
  return false;
}

/**
 * The next node; `| 0` makes the comparison a number without a branch, which half the time would be guessed wrong.
 * The arrays come one by one: fields of an object would be read again at each step.
 */
function step(
  words: Int32Array,
  thresholds: Float32Array,
  matrix: Float32Array,
  start: number,
  at: number,
): number {
  return words[at + OTHERWISE + (Number(matrix[start + words[at]!]! <= thresholds[at + THRESHOLD]!) | 0)]!;
}

/** The same where values may be missing. */
function stepWithGaps(
  words: Int32Array,
  thresholds: Float32Array,
  matrix: Float32Array,
  below: Uint8Array,
  start: number,
  at: number,
): number {
  const value = matrix[start + words[at]!]!;
  const isBelow =
    Number(value <= thresholds[at + THRESHOLD]!) | (Number(Number.isNaN(value)) & below[at >> 2]!);
  return words[at + OTHERWISE + isBelow]!;
}

/** One row: four trees in turn, which the processor walks at the same time. */
function sumRow(walk: Walk): number {
  const { words, thresholds, matrix, roots, depth, weight, weightStart } = walk;
  let sum = 0;
  let tree = 0;
  for (; tree + 3 < roots.length; tree += 4) {
    let a = roots[tree]!;
    let b = roots[tree + 1]!;
    let c = roots[tree + 2]!;
    let d = roots[tree + 3]!;
    for (let k = 0; k < depth; k++) {
      a = step(words, thresholds, matrix, 0, a);
      b = step(words, thresholds, matrix, 0, b);
      c = step(words, thresholds, matrix, 0, c);
      d = step(words, thresholds, matrix, 0, d);
    }
    sum = Math.fround(sum + weight[weightStart[a >> 2]!]!);
    sum = Math.fround(sum + weight[weightStart[b >> 2]!]!);
    sum = Math.fround(sum + weight[weightStart[c >> 2]!]!);
    sum = Math.fround(sum + weight[weightStart[d >> 2]!]!);
  }
  for (; tree < roots.length; tree++) {
    let at = roots[tree]!;
    for (let k = 0; k < depth; k++) at = step(words, thresholds, matrix, 0, at);
    sum = Math.fround(sum + weight[weightStart[at >> 2]!]!);
  }
  return sum;
}

function sumRowAsking(walk: Walk, below: Uint8Array | undefined): number {
  const { roots, weight, weightStart } = walk;
  let sum = 0;
  for (let tree = 0; tree < roots.length; tree++) {
    const leaf = findLeaf(walk, below, roots[tree]!, 0);
    sum = Math.fround(sum + weight[weightStart[leaf]!]!);
  }
  return sum;
}

/** Tree by tree, so that one tree and the block's rows stay near. */
function sumBlock(
  walk: Walk,
  below: Uint8Array | undefined,
  from: number,
  to: number,
  targets: number,
  { scores, has }: TreeSums,
): void {
  const { roots, weightStart, weightTarget, weight, onlyTarget } = walk;
  const leaves = new Int32Array(to - from);
  for (let tree = 0; tree < roots.length; tree++) {
    findLeaves(walk, below, roots[tree]!, from, leaves);
    if (onlyTarget !== undefined) {
      addOnly(walk, leaves, from * targets + onlyTarget, targets, scores);
      continue;
    }
    for (let row = 0; row < leaves.length; row++) {
      const leaf = leaves[row]!;
      const first = (from + row) * targets;
      for (let k = weightStart[leaf]!; k < weightStart[leaf + 1]!; k++) {
        scores[first + weightTarget[k]!]! += weight[k]!;
        has[first + weightTarget[k]!] = 1;
      }
    }
  }
  if (onlyTarget === undefined) return;
  for (let row = from; row < to; row++) has[row * targets + onlyTarget] = 1;
}

/** Every leaf has one weight, all for the same target. */
function addOnly(
  { weight, weightStart }: Walk,
  leaves: Int32Array,
  first: number,
  targets: number,
  scores: Float32Array,
): void {
  for (let row = 0, at = first; row < leaves.length; row++, at += targets) {
    scores[at]! += weight[weightStart[leaves[row]!]!]!;
  }
}

function findLeaves(
  walk: Walk,
  below: Uint8Array | undefined,
  root: number,
  from: number,
  leaves: Int32Array,
): void {
  const { features, depth } = walk;
  let found = 0;
  if (depth <= DEEPEST_UNASKED) {
    found = leaves.length - (leaves.length % 4);
    if (below === undefined) findQuads(walk, root, from, found, leaves);
    else findQuadsWithGaps(walk, below, root, from, found, leaves);
  }
  for (let row = found; row < leaves.length; row++) {
    leaves[row] = findLeaf(walk, below, root, (from + row) * features);
  }
}

/** Four rows in turn. */
function findQuads(walk: Walk, root: number, from: number, count: number, leaves: Int32Array): void {
  const { words, thresholds, matrix, features, depth } = walk;
  for (let row = 0; row < count; row += 4) {
    const start = (from + row) * features;
    let a = root;
    let b = root;
    let c = root;
    let d = root;
    for (let k = 0; k < depth; k++) {
      a = step(words, thresholds, matrix, start, a);
      b = step(words, thresholds, matrix, start + features, b);
      c = step(words, thresholds, matrix, start + 2 * features, c);
      d = step(words, thresholds, matrix, start + 3 * features, d);
    }
    leaves[row] = a >> 2;
    leaves[row + 1] = b >> 2;
    leaves[row + 2] = c >> 2;
    leaves[row + 3] = d >> 2;
  }
}

function findQuadsWithGaps(
  walk: Walk,
  below: Uint8Array,
  root: number,
  from: number,
  count: number,
  leaves: Int32Array,
): void {
  const { words, thresholds, matrix, features, depth } = walk;
  for (let row = 0; row < count; row += 4) {
    const start = (from + row) * features;
    let a = root;
    let b = root;
    let c = root;
    let d = root;
    for (let k = 0; k < depth; k++) {
      a = stepWithGaps(words, thresholds, matrix, below, start, a);
      b = stepWithGaps(words, thresholds, matrix, below, start + features, b);
      c = stepWithGaps(words, thresholds, matrix, below, start + 2 * features, c);
      d = stepWithGaps(words, thresholds, matrix, below, start + 3 * features, d);
    }
    leaves[row] = a >> 2;
    leaves[row + 1] = b >> 2;
    leaves[row + 2] = c >> 2;
    leaves[row + 3] = d >> 2;
  }
}

function findLeaf(walk: Walk, below: Uint8Array | undefined, root: number, start: number): number {
  const { words, thresholds, matrix, isLeaf } = walk;
  let at = root;
  if (below === undefined) while (isLeaf[at >> 2] === 0) at = step(words, thresholds, matrix, start, at);
  else while (isLeaf[at >> 2] === 0) at = stepWithGaps(words, thresholds, matrix, below, start, at);
  return at >> 2;
}
