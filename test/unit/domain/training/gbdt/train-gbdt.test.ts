import { describe, expect, it } from 'vitest';
import { InvalidInputError } from '../../../../../domain/shared/domain-error.ts';
import { categoryColumn, numericColumn } from '../../../../../domain/shared/table.ts';
import {
  type GbdtModel,
  predict,
  predictScores,
  type Tree,
} from '../../../../../domain/training/gbdt/model.ts';
import { type TrainingInput, trainGbdt } from '../../../../../domain/training/gbdt/train-gbdt.ts';
import { GENERATED_FEATURES, generateRows, sliceRows } from '../../../../support/training-rows.ts';

const rows = generateRows(6000);
const binary: TrainingInput = {
  objective: 'binary',
  features: GENERATED_FEATURES,
  training: sliceRows(rows.binary, 0, 4000),
  options: { rounds: 40 },
};
const fresh = sliceRows(rows.binary, 4000, 6000);

function logLoss(model: GbdtModel): number {
  const probabilities = predict(model, fresh.table);
  const sum = probabilities.reduce((total, p, i) => total - Math.log(fresh.target[i] === 1 ? p : 1 - p), 0);
  return sum / probabilities.length;
}

function depthOf(tree: Tree, node = 0): number {
  if (tree.feature[node]! < 0) return 0;
  return 1 + Math.max(depthOf(tree, tree.left[node]!), depthOf(tree, tree.right[node]!));
}

function leavesOf(tree: Tree): number {
  return tree.feature.filter((feature) => feature < 0).length;
}

describe('trainGbdt', () => {
  it('learns interactions, categories and what a missing value means', () => {
    const model = trainGbdt(binary);

    const guess = -0.5 * Math.log(0.25);
    expect(logLoss(model)).toBeLessThan(guess - 0.15);
    expect(model.importance.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 10);
    expect(model.importance.every((share) => share > 0.02)).toBe(true);
  });

  it('learns a regression, of which noise is a thousandth of the variance', () => {
    const training = sliceRows(rows.regression, 0, 4000);
    const model = trainGbdt({ ...binary, objective: 'regression', training, options: { rounds: 150 } });

    const held = sliceRows(rows.regression, 4000, 6000);
    const sumOfSquares = (values: Float64Array) => values.reduce((sum, value) => sum + value * value, 0);
    const mean = held.target.reduce((sum, value) => sum + value, 0) / 2000;
    const left = sumOfSquares(predict(model, held.table).map((value, row) => value - held.target[row]!));
    expect(left / sumOfSquares(held.target.map((value) => value - mean))).toBeLessThan(0.03);
  });

  it('gives the same model for the same rows and seed, and another for another seed', () => {
    const sampled = { rounds: 10, rowFraction: 0.5, columnFraction: 0.5 };

    const first = trainGbdt({ ...binary, options: { ...sampled, seed: 1 } });
    const again = trainGbdt({ ...binary, options: { ...sampled, seed: 1 } });
    const other = trainGbdt({ ...binary, options: { ...sampled, seed: 2 } });

    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
  });

  it('orders categories by their smoothed target mean and leaves the empty string out', () => {
    const carrier = categoryColumn(['hi', 'lo', 'mid', 'hi', 'lo', 'mid', 'once', '', null, 'hi']);
    const training = {
      table: { rows: 10, columns: { carrier } },
      target: Float64Array.of(1, 0, 1, 1, 0, 0, 1, 0, 1, 1),
    };

    const model = trainGbdt({
      objective: 'binary',
      features: ['carrier'],
      training,
      options: { categorySmoothing: 3 },
    });

    // A single row at 1 is drawn to the middle, below a category that is 1 in three rows.
    expect(model.features).toEqual([
      { kind: 'category', name: 'carrier', categories: ['lo', 'mid', 'once', 'hi'] },
    ]);
  });

  it('scores an unseen category as a missing one', () => {
    const model = trainGbdt(binary);
    const columns = {
      hour: numericColumn([5, 5]),
      distance: numericColumn([100, 100]),
      wind: numericColumn([1, 1]),
    };

    const scores = predictScores(model, {
      rows: 2,
      columns: { ...columns, carrier: categoryColumn(['new', null]) },
    });

    expect(scores[0]).toBe(scores[1]);
  });

  it('sends a value that was never missing in training the way of most rows', () => {
    const x = numericColumn(Array.from({ length: 100 }, (_, i) => i));
    const target = Float64Array.from({ length: 100 }, (_, i) => (i < 70 ? 5 : 20));
    const model = trainGbdt({
      objective: 'regression',
      features: ['x'],
      training: { table: { rows: 100, columns: { x } }, target },
      options: { rounds: 1, learningRate: 1, maxLeaves: 2, minChildSamples: 1 },
    });

    const [present, missing] = predict(model, { rows: 2, columns: { x: numericColumn([10, null]) } });

    expect(present).toBeCloseTo(5, 5);
    expect(missing).toBe(present);
  });

  it('splits on missingness alone when only that tells rows apart', () => {
    const x = numericColumn(Array.from({ length: 100 }, (_, i) => (i % 2 === 0 ? null : 7)));
    const target = Float64Array.from({ length: 100 }, (_, i) => (i % 2 === 0 ? 1 : -1));
    const training = { table: { rows: 100, columns: { x } }, target };
    const options = { rounds: 1, learningRate: 1, minChildSamples: 1 };

    const model = trainGbdt({ objective: 'regression', features: ['x'], training, options });

    const answers = predict(model, {
      rows: 3,
      columns: { x: numericColumn([null, 7, Number.POSITIVE_INFINITY]) },
    });
    expect([...answers]).toEqual([1, -1, -1]);
  });

  it('keeps to the most leaves, the most depth and the least rows of a leaf', () => {
    const few = trainGbdt({ ...binary, options: { rounds: 5, maxLeaves: 6 } });
    const shallow = trainGbdt({ ...binary, options: { rounds: 5, maxDepth: 2 } });
    const broad = trainGbdt({ ...binary, options: { rounds: 1, minChildSamples: 1500 } });

    expect(few.trees.map(leavesOf)).toEqual([6, 6, 6, 6, 6]);
    expect(shallow.trees.map((tree) => depthOf(tree))).toEqual([2, 2, 2, 2, 2]);
    expect(leavesOf(broad.trees[0]!)).toBe(2);
  });

  it('moves less with L2 and not at all when no split gains enough', () => {
    const free = trainGbdt({ ...binary, options: { rounds: 1 } });
    const bound = trainGbdt({ ...binary, options: { rounds: 1, l2: 1e4 } });
    const none = trainGbdt({ ...binary, options: { rounds: 5, minGain: 1e6 } });

    const size = (model: GbdtModel) => Math.max(...model.trees[0]!.value.map(Math.abs));
    expect(size(bound)).toBeLessThan(size(free) / 5);
    expect(none.trees).toHaveLength(0);
    expect(predict(none, fresh.table)[0]).toBeCloseTo(1 / (1 + Math.exp(-none.baseScore)), 12);
  });

  it('stops early and keeps the trees up to the best round', () => {
    const model = trainGbdt({
      ...binary,
      training: sliceRows(rows.binary, 0, 300),
      validation: fresh,
      options: { rounds: 500, learningRate: 0.3, minChildSamples: 2, earlyStoppingRounds: 10 },
    });

    expect(model.trees.length).toBeGreaterThan(0);
    expect(model.trees.length).toBeLessThan(200);
    expect(model.validationLoss).toBeCloseTo(logLoss(model), 6);
  });

  it('does not split rows of an equal target', () => {
    const training = { table: binary.training.table, target: new Float64Array(4000).fill(0.1) };

    const model = trainGbdt({ ...binary, objective: 'regression', training });

    expect(model.trees).toHaveLength(0);
    expect(predict(model, fresh.table)[0]).toBe(Math.fround(0.1));
  });

  it.each<[string, Partial<TrainingInput>, string]>([
    ['an option out of range', { options: { maxLeaves: 1.5, rounds: 0 } }, 'training options'],
    ['an option that does not exist', { options: { depth: 3 } as never }, 'training options'],
    ['no features', { features: [] }, 'at least one feature'],
    [
      'a target of another length',
      { training: { ...fresh, target: new Float64Array(3) } },
      'one number for each row',
    ],
    [
      'a binary target of other numbers',
      { training: { ...fresh, target: fresh.target.map(() => 0.5) } },
      'only 0 and 1',
    ],
    [
      'a binary target of one class',
      { training: { ...fresh, target: fresh.target.map(() => 1) } },
      'both classes',
    ],
    [
      'a regression target that is missing',
      { objective: 'regression', training: { ...fresh, target: fresh.target.map(() => Number.NaN) } },
      'finite number',
    ],
    ['early stopping without validation rows', { options: { earlyStoppingRounds: 5 } }, 'validation rows'],
    [
      'a validation target of another length',
      { options: { earlyStoppingRounds: 5 }, validation: { ...fresh, target: new Float64Array(3) } },
      'one number a row',
    ],
  ])('refuses %s', (_case, change, message) => {
    const train = () => trainGbdt({ ...binary, ...change });

    expect(train).toThrow(InvalidInputError);
    expect(train).toThrow(message);
  });

  it('names each wrong option', () => {
    const train = () => trainGbdt({ ...binary, options: { maxLeaves: 1.5, l2: Number.NaN } });

    expect(train).toThrow(
      expect.objectContaining({
        errors: [
          { path: 'maxLeaves', message: 'must be a whole number from 2 to 1024' },
          { path: 'l2', message: 'must be a number from 0 to 1000000000' },
        ],
      }),
    );
  });

  it('refuses to score a column of the wrong kind', () => {
    const model = trainGbdt({ ...binary, features: ['hour'], options: { rounds: 1 } });
    const table = { rows: 1, columns: { hour: categoryColumn(['noon']) } };

    expect(() => predict(model, table)).toThrow('wrong kind');
  });
});
