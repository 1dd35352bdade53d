import type { Table } from '../../shared/table.ts';
import { type Feature, toColumns } from './feature.ts';

export type Objective = 'binary' | 'regression';

/**
 * A tree as parallel arrays over its nodes, the root first. A row goes left when its value is ≤ the
 * threshold, or when it is missing and `missingLeft` says so; both comparisons are in float32.
 */
export interface Tree {
  /** Index of the feature that the node asks for, -1 in a leaf. */
  readonly feature: Int32Array;
  readonly threshold: Float32Array;
  readonly left: Int32Array;
  readonly right: Int32Array;
  readonly missingLeft: Uint8Array;
  /** What a leaf adds to the score, learning rate included; 0 in other nodes. */
  readonly value: Float32Array;
}

export interface GbdtModel {
  readonly objective: Objective;
  readonly features: readonly Feature[];
  /** Score before the first tree: log odds or mean of the target, in float32. */
  readonly baseScore: number;
  readonly trees: readonly Tree[];
  /** Loss on the validation rows after the last kept tree, null without validation rows. */
  readonly validationLoss: number | null;
  /** Sum of the gains of each feature's splits, divided by the sum over all features. */
  readonly importance: readonly number[];
}

/** The score of each row before the link function. */
export function predictScores(model: GbdtModel, table: Table): Float64Array {
  const columns = toColumns(model.features, table);
  const scores = new Float64Array(table.rows).fill(model.baseScore);
  for (const tree of model.trees) addTree(tree, columns, scores);
  return scores;
}

/** Probability of class 1 for a binary model, the value itself for a regression. */
export function predict(model: GbdtModel, table: Table): Float64Array {
  const scores = predictScores(model, table);
  return model.objective === 'binary' ? scores.map(sigmoid) : scores;
}

export function sigmoid(score: number): number {
  return 1 / (1 + Math.exp(-score));
}

function addTree(tree: Tree, columns: readonly Float32Array[], scores: Float64Array): void {
  const { feature, threshold, left, right, missingLeft, value } = tree;
  for (let row = 0; row < scores.length; row++) {
    let node = 0;
    let index = feature[0]!;
    while (index >= 0) {
      const x = columns[index]![row]!;
      const goesLeft = x <= threshold[node]! || (missingLeft[node] === 1 && Number.isNaN(x));
      node = goesLeft ? left[node]! : right[node]!;
      index = feature[node]!;
    }
    scores[row]! += value[node]!;
  }
}
