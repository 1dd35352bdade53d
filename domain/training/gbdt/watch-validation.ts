import { InvalidInputError } from '../../shared/domain-error.ts';
import type { Table } from '../../shared/table.ts';
import { binRows } from './binned-rows.ts';
import { type Feature, toColumns } from './feature.ts';
import type { Loss } from './objective.ts';
import type { GbdtOptions } from './options.ts';
import { addBinnedTree, type BinnedTree } from './tree-builder.ts';

export interface LabelledRows {
  readonly table: Table;
  /** One number a row; 0 and 1 for the binary objective. */
  readonly target: Float64Array;
}

export interface Watched {
  addTree(tree: BinnedTree, rounds: number): 'continue' | 'stop';
  bestRounds(): number;
  bestLoss(): number;
}

/** Keeps the loss on the validation rows and says when it has not fallen for long enough. */
export function watchValidation(
  validation: LabelledRows | undefined,
  features: readonly Feature[],
  edges: readonly Float32Array[],
  baseScore: number,
  loss: Loss,
  options: GbdtOptions,
): Watched | undefined {
  if (options.earlyStoppingRounds === 0) return undefined;
  if (validation === undefined || validation.table.rows === 0) {
    throw new InvalidInputError('Early stopping needs validation rows.');
  }
  const { table, target } = validation;
  if (target.length !== table.rows)
    throw new InvalidInputError('The validation target needs one number a row.');
  const binned = binRows(toColumns(features, table), edges, table.rows);
  const scores = new Float64Array(table.rows).fill(baseScore);
  let best = { rounds: 0, loss: loss.evaluate(scores, target) };
  return {
    addTree(tree, rounds) {
      addBinnedTree(tree, binned, scores);
      const value = loss.evaluate(scores, target);
      if (value < best.loss) best = { rounds, loss: value };
      return rounds - best.rounds >= options.earlyStoppingRounds ? 'stop' : 'continue';
    },
    bestRounds: () => best.rounds,
    bestLoss: () => best.loss,
  };
}
