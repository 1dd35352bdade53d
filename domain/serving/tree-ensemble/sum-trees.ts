import { BELOW, type FlatTrees, OTHERWISE, THRESHOLD, WORDS } from './flat-trees.ts';

/** Rows that are summed tree by tree: 30 features of so many rows and one tree stay in the first cache. */
const BLOCK_ROWS = 256;
/** Beyond it most leaves are far above the deepest one, and walking on in them costs more than asking. */
const DEEPEST_UNASKED = 12;

/** What the leaves that rows came to add up to; 32-bit sums in the trees' order, as onnxruntime has them. */
export interface TreeSums {
  /** By row and target. */
  readonly scores: Float32Array;
  /** Whether any leaf had a weight for the target. */
  readonly has: Uint8Array;
}

/** Walks all rows through all trees. */
export function sumTrees(trees: FlatTrees, matrix: Float32Array, rows: number, targets: number): TreeSums {
  const scores = new Float32Array(rows * targets);
  const has = new Uint8Array(rows * targets);
  if (trees.onlyTarget === undefined) {
    for (let row = 0; row < rows; row++) sumAll(trees, matrix, row, targets, scores, has);
    return { scores, has };
  }
  const sums = targets === 1 ? scores : new Float32Array(rows);
  sumOnly(trees, matrix, rows, sums);
  for (let row = 0; row < rows; row++) {
    scores[row * targets + trees.onlyTarget] = sums[row]!;
    has[row * targets + trees.onlyTarget] = 1;
  }
  return { scores, has };
}

/** Every leaf has one weight, all for the same target. */
function sumOnly(trees: FlatTrees, matrix: Float32Array, rows: number, sums: Float32Array): void {
  const { missing, features } = trees;
  const isShallow = trees.depth <= DEEPEST_UNASKED;
  const hasGaps = missing !== undefined && hasNaN(matrix);
  if (!hasGaps && isShallow && rows > 3) {
    for (let from = 0; from < rows; from += BLOCK_ROWS) {
      sumBlock(trees, matrix, from, Math.min(rows, from + BLOCK_ROWS), sums);
    }
    return;
  }
  for (let row = 0; row < rows; row++) {
    const start = row * features;
    if (hasGaps) sums[row] = sumWithGaps(trees, matrix, start, missing);
    else sums[row] = isShallow ? sumShallow(trees, matrix, start) : sumDeep(trees, matrix, start);
  }
}

function hasNaN(matrix: Float32Array): boolean {
  for (let i = 0; i < matrix.length; i++) if (Number.isNaN(matrix[i])) return true;
  return false;
}

/** Four trees in turn, which the processor walks at the same time; `| 0` makes the comparison no branch. */
function sumShallow(trees: FlatTrees, matrix: Float32Array, start: number): number {
  const { words, thresholds, roots, depth, weight, weightStart } = trees;
  let sum = 0;
  let tree = 0;
  for (; tree + 3 < roots.length; tree += 4) {
    let a = roots[tree]!;
    let b = roots[tree + 1]!;
    let c = roots[tree + 2]!;
    let d = roots[tree + 3]!;
    for (let step = 0; step < depth; step++) {
      a = words[a + OTHERWISE + (Number(matrix[start + words[a]!]! <= thresholds[a + THRESHOLD]!) | 0)]!;
      b = words[b + OTHERWISE + (Number(matrix[start + words[b]!]! <= thresholds[b + THRESHOLD]!) | 0)]!;
      c = words[c + OTHERWISE + (Number(matrix[start + words[c]!]! <= thresholds[c + THRESHOLD]!) | 0)]!;
      d = words[d + OTHERWISE + (Number(matrix[start + words[d]!]! <= thresholds[d + THRESHOLD]!) | 0)]!;
    }
    sum = Math.fround(sum + weight[weightStart[a >> 2]!]!);
    sum = Math.fround(sum + weight[weightStart[b >> 2]!]!);
    sum = Math.fround(sum + weight[weightStart[c >> 2]!]!);
    sum = Math.fround(sum + weight[weightStart[d >> 2]!]!);
  }
  for (; tree < roots.length; tree++) {
    let at = roots[tree]!;
    for (let step = 0; step < depth; step++) {
      at = words[at + OTHERWISE + (Number(matrix[start + words[at]!]! <= thresholds[at + THRESHOLD]!) | 0)]!;
    }
    sum = Math.fround(sum + weight[weightStart[at >> 2]!]!);
  }
  return sum;
}

/** The same with four rows in turn, tree by tree. */
function sumBlock(
  trees: FlatTrees,
  matrix: Float32Array,
  from: number,
  to: number,
  sums: Float32Array,
): void {
  const { words, thresholds, roots, depth, features, weight, weightStart } = trees;
  const last = to - ((to - from) % 4);
  for (let tree = 0; tree < roots.length; tree++) {
    const root = roots[tree]!;
    for (let row = from; row < last; row += 4) {
      let [a, b, c, d] = [root, root, root, root];
      const rowA = row * features;
      const rowB = rowA + features;
      const rowC = rowB + features;
      const rowD = rowC + features;
      for (let step = 0; step < depth; step++) {
        a = words[a + OTHERWISE + (Number(matrix[rowA + words[a]!]! <= thresholds[a + THRESHOLD]!) | 0)]!;
        b = words[b + OTHERWISE + (Number(matrix[rowB + words[b]!]! <= thresholds[b + THRESHOLD]!) | 0)]!;
        c = words[c + OTHERWISE + (Number(matrix[rowC + words[c]!]! <= thresholds[c + THRESHOLD]!) | 0)]!;
        d = words[d + OTHERWISE + (Number(matrix[rowD + words[d]!]! <= thresholds[d + THRESHOLD]!) | 0)]!;
      }
      sums[row]! += weight[weightStart[a >> 2]!]!;
      sums[row + 1]! += weight[weightStart[b >> 2]!]!;
      sums[row + 2]! += weight[weightStart[c >> 2]!]!;
      sums[row + 3]! += weight[weightStart[d >> 2]!]!;
    }
  }
  for (let row = last; row < to; row++) sums[row] = sumShallow(trees, matrix, row * features);
}

function sumDeep(trees: FlatTrees, matrix: Float32Array, start: number): number {
  const { words, thresholds, roots, isLeaf, weight, weightStart } = trees;
  let sum = 0;
  for (let tree = 0; tree < roots.length; tree++) {
    let at = roots[tree]!;
    while (isLeaf[at >> 2] === 0) {
      at = words[at + OTHERWISE + (Number(matrix[start + words[at]!]! <= thresholds[at + THRESHOLD]!) | 0)]!;
    }
    sum = Math.fround(sum + weight[weightStart[at >> 2]!]!);
  }
  return sum;
}

function sumWithGaps(trees: FlatTrees, matrix: Float32Array, start: number, missing: Int32Array): number {
  let sum = 0;
  for (let tree = 0; tree < trees.roots.length; tree++) {
    const leaf = findLeaf(trees, trees.roots[tree]!, matrix, start, missing);
    sum = Math.fround(sum + trees.weight[trees.weightStart[leaf]!]!);
  }
  return sum;
}

/** Leaves with weights for any of the targets, as forests and multiclass models have them. */
function sumAll(
  trees: FlatTrees,
  matrix: Float32Array,
  row: number,
  targets: number,
  scores: Float32Array,
  has: Uint8Array,
): void {
  const { roots, weightStart, weightTarget, weight, missing, features } = trees;
  const first = row * targets;
  for (let tree = 0; tree < roots.length; tree++) {
    const leaf = findLeaf(trees, roots[tree]!, matrix, row * features, missing);
    for (let k = weightStart[leaf]!; k < weightStart[leaf + 1]!; k++) {
      const at = first + weightTarget[k]!;
      scores[at]! += weight[k]!;
      has[at] = 1;
    }
  }
}

function findLeaf(
  { words, thresholds, isLeaf }: FlatTrees,
  root: number,
  matrix: Float32Array,
  start: number,
  missing: Int32Array | undefined,
): number {
  let at = root;
  while (isLeaf[at >> 2] === 0) {
    const value = matrix[start + words[at]!]!;
    if (value <= thresholds[at + THRESHOLD]!) at = words[at + BELOW]!;
    else if (missing === undefined || !Number.isNaN(value)) at = words[at + OTHERWISE]!;
    else at = missing[at / WORDS]!;
  }
  return at >> 2;
}
