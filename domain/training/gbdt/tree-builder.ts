import type { BinnedRows } from './binned-rows.ts';
import { MISSING_BIN } from './bins.ts';
import type { Tree } from './model.ts';

/** A tree while it grows: space for all its nodes, and the bins beside the thresholds. */
export class TreeBuilder {
  readonly feature: Int32Array;
  readonly bin: Int32Array;
  readonly left: Int32Array;
  readonly right: Int32Array;
  readonly missingLeft: Uint8Array;
  readonly threshold: Float32Array;
  readonly value: Float32Array;
  size = 1;

  constructor(maxLeaves: number) {
    const nodes = 2 * maxLeaves - 1;
    this.feature = new Int32Array(nodes).fill(-1);
    this.bin = new Int32Array(nodes);
    this.left = new Int32Array(nodes);
    this.right = new Int32Array(nodes);
    this.missingLeft = new Uint8Array(nodes);
    this.threshold = new Float32Array(nodes);
    this.value = new Float32Array(nodes);
  }

  /** Turns a leaf into an inner node; its children are the two nodes after the present ones. */
  split(node: number, feature: number, bin: number, threshold: number, missingLeft: boolean): void {
    this.feature[node] = feature;
    this.bin[node] = bin;
    this.threshold[node] = threshold;
    this.missingLeft[node] = missingLeft ? 1 : 0;
    this.left[node] = this.size;
    this.right[node] = this.size + 1;
    this.size += 2;
  }

  finish(): BinnedTree {
    const { size } = this;
    return {
      feature: this.feature.slice(0, size),
      bin: this.bin.slice(0, size),
      threshold: this.threshold.slice(0, size),
      left: this.left.slice(0, size),
      right: this.right.slice(0, size),
      missingLeft: this.missingLeft.slice(0, size),
      value: this.value.slice(0, size),
    };
  }
}

/** A tree that can also be asked with bins. */
export interface BinnedTree extends Tree {
  readonly bin: Int32Array;
}

/** Adds to each row's score the value of the leaf that its bins lead to. */
export function addBinnedTree(tree: BinnedTree, binned: BinnedRows, scores: Float64Array): void {
  const { feature, bin, left, right, missingLeft, value } = tree;
  const bytesPerRow = binned.wordsPerRow * 4;
  for (let row = 0; row < binned.rows; row++) {
    let node = 0;
    while (feature[node]! >= 0) {
      const own = binned.bytes[row * bytesPerRow + feature[node]!]!;
      const goesLeft = own <= bin[node]! || (own === MISSING_BIN && missingLeft[node] === 1);
      node = goesLeft ? left[node]! : right[node]!;
    }
    scores[row]! += value[node]!;
  }
}
