import type { BinnedRows } from './binned-rows.ts';
import { MISSING_BIN } from './bins.ts';
import { findSplit, type Split, type SplitRules } from './find-split.ts';
import type { Gradients } from './gradients.ts';
import {
  buildHistogram,
  FEATURE_STRIDE,
  type Histogram,
  type HistogramPool,
  subtractHistogram,
} from './histogram.ts';
import { partitionRows } from './partition-rows.ts';
import { type BinnedTree, TreeBuilder } from './tree-builder.ts';

export interface GrowSettings {
  readonly learningRate: number;
  readonly maxLeaves: number;
  readonly maxDepth: number;
}

/** What growing works on; `order` is rearranged so that each leaf's rows lie together. */
export interface GrowInput {
  readonly binned: BinnedRows;
  readonly edges: readonly Float32Array[];
  readonly gradients: Gradients;
  readonly order: Uint32Array;
  readonly scratch: Uint32Array;
  readonly pool: HistogramPool;
  readonly rules: SplitRules;
  readonly settings: GrowSettings;
}

/** A leaf and its rows: `order[start]` … `order[end - 1]`. */
export interface Leaf {
  readonly node: number;
  readonly start: number;
  readonly end: number;
  readonly depth: number;
  readonly sumFirst: number;
  readonly sumSecond: number;
  histogram: Histogram | undefined;
  split: Split | undefined;
}

export interface GrownTree {
  readonly tree: BinnedTree;
  readonly leaves: readonly Leaf[];
  /** Gain of each inner node's split in units of the loss, with the feature it is credited to. */
  readonly gains: readonly { readonly feature: number; readonly gain: number }[];
}

/** Grows one tree leaf by leaf: the leaf whose split gains most is split next. */
export function growTree(input: GrowInput): GrownTree {
  const builder = new TreeBuilder(input.settings.maxLeaves);
  const leaves = [makeRoot(input)];
  const gains: { feature: number; gain: number }[] = [];
  const { firstScale, secondScale } = input.gradients;
  while (leaves.length < input.settings.maxLeaves) {
    const best = findBestLeaf(leaves);
    if (best < 0) break;
    const leaf = leaves[best]!;
    gains.push({
      feature: leaf.split!.feature,
      gain: (leaf.split!.gain * secondScale) / firstScale ** 2,
    });
    const [left, right] = splitLeaf(input, builder, leaf, leaves.length + 1);
    leaves[best] = left;
    leaves.push(right);
  }
  for (const leaf of leaves) {
    builder.value[leaf.node] = leafValue(leaf, input);
    if (leaf.histogram !== undefined) input.pool.release(leaf.histogram);
  }
  return { tree: builder.finish(), leaves, gains };
}

function makeRoot(input: GrowInput): Leaf {
  const { order, gradients } = input;
  const histogram = input.pool.take();
  buildHistogram(histogram, input.binned, gradients, order, 0, order.length);
  let sumFirst = 0;
  let sumSecond = 0;
  // Every row is in one bin of the first feature.
  for (let at = 0; at < FEATURE_STRIDE; at += 2) {
    sumFirst += histogram[at]!;
    sumSecond += histogram[at + 1]!;
  }
  const split = findSplit(histogram, sumFirst, sumSecond, input.rules);
  return { node: 0, start: 0, end: order.length, depth: 0, sumFirst, sumSecond, histogram, split };
}

function findBestLeaf(leaves: readonly Leaf[]): number {
  let best = -1;
  let gain = 0;
  for (let i = 0; i < leaves.length; i++) {
    const split = leaves[i]!.split;
    if (split !== undefined && split.gain > gain) {
      best = i;
      gain = split.gain;
    }
  }
  return best;
}

function splitLeaf(input: GrowInput, builder: TreeBuilder, leaf: Leaf, leafCount: number): [Leaf, Leaf] {
  const split = leaf.split!;
  const edges = input.edges[split.feature]!;
  // Above the last edge only missing values are left: every number goes left.
  const threshold = split.bin < edges.length ? edges[split.bin]! : Number.POSITIVE_INFINITY;
  const middle = partitionRows(input.binned, input.order, input.scratch, leaf.start, leaf.end, split);
  const leftRows = middle - leaf.start;
  // Where training saw no missing value, one goes the way of most rows.
  const sawMissing = split.missingLeft || hasMissingRows(leaf.histogram!, split.feature);
  const missingLeft = sawMissing ? split.missingLeft : leftRows > leaf.end - middle;
  builder.split(leaf.node, split.feature, split.bin, threshold, missingLeft);
  const depth = leaf.depth + 1;
  const left: Leaf = {
    node: builder.left[leaf.node]!,
    start: leaf.start,
    end: middle,
    depth,
    sumFirst: split.leftFirst,
    sumSecond: split.leftSecond,
    histogram: undefined,
    split: undefined,
  };
  const right: Leaf = {
    node: builder.right[leaf.node]!,
    start: middle,
    end: leaf.end,
    depth,
    sumFirst: leaf.sumFirst - split.leftFirst,
    sumSecond: leaf.sumSecond - split.leftSecond,
    histogram: undefined,
    split: undefined,
  };
  if (leafCount < input.settings.maxLeaves) findChildSplits(input, leaf, left, right);
  else input.pool.release(leaf.histogram!);
  return [left, right];
}

function hasMissingRows(histogram: Histogram, feature: number): boolean {
  return histogram[feature * FEATURE_STRIDE + 2 * MISSING_BIN + 1]! > 0;
}

/** Builds the smaller child's histogram and gets the larger one's from the parent's. */
function findChildSplits(input: GrowInput, parent: Leaf, left: Leaf, right: Leaf): void {
  const histogram = parent.histogram!;
  const [small, large] = left.end - left.start <= right.end - right.start ? [left, right] : [right, left];
  if (!canSplit(large, input)) {
    input.pool.release(histogram);
    return;
  }
  small.histogram = input.pool.take();
  buildHistogram(small.histogram, input.binned, input.gradients, input.order, small.start, small.end);
  subtractHistogram(histogram, small.histogram);
  large.histogram = histogram;
  large.split = findSplit(histogram, large.sumFirst, large.sumSecond, input.rules);
  if (canSplit(small, input)) {
    small.split = findSplit(small.histogram, small.sumFirst, small.sumSecond, input.rules);
  }
  for (const child of [small, large]) {
    if (child.split !== undefined || child.histogram === undefined) continue;
    input.pool.release(child.histogram);
    child.histogram = undefined;
  }
}

function canSplit(leaf: Leaf, { rules, settings }: GrowInput): boolean {
  const depthLeft = settings.maxDepth === 0 || leaf.depth < settings.maxDepth;
  return depthLeft && leaf.end - leaf.start >= 2 * rules.minSamples;
}

/** Newton's step, shrunk by the learning rate. */
function leafValue(leaf: Leaf, { gradients, rules, settings }: GrowInput): number {
  const weight = Math.floor(leaf.sumSecond / gradients.countUnit) + rules.l2;
  if (weight <= 0) return 0;
  return (-settings.learningRate * (leaf.sumFirst / weight) * gradients.secondScale) / gradients.firstScale;
}
