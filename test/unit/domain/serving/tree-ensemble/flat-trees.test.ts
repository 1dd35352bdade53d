import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { flattenTrees, type TreeLists } from '../../../../../domain/serving/tree-ensemble/flat-trees.ts';
import { floatBefore } from '../../../../../domain/serving/tree-ensemble/float-before.ts';
import { sumTrees } from '../../../../../domain/serving/tree-ensemble/sum-trees.ts';

/** One tree of one branch: 10 up to 0.5, and 20 above. */
const STUMP: TreeLists = {
  treeIds: [7, 7, 7],
  nodeIds: [0, 1, 2],
  featureIds: [0, 0, 0],
  modes: ['BRANCH_LEQ', 'LEAF', 'LEAF'],
  values: [0.5, 0, 0],
  trueIds: [1, 0, 0],
  falseIds: [2, 0, 0],
  missingTrue: [],
  weightTreeIds: [7, 7],
  weightNodeIds: [1, 2],
  weightTargets: [0, 0],
  weights: [10, 20],
};
const answer = (lists: TreeLists, ...values: number[]) => {
  const trees = flattenTrees(lists)!;
  return [...sumTrees(trees, Float32Array.from(values), values.length, 1).scores];
};

describe('flattenTrees', () => {
  it('lays out a tree whose ids count from 0', () => {
    expect(answer(STUMP, 0.5, 0.6, Number.NaN)).toEqual([10, 20, 20]);
    expect(flattenTrees(STUMP)).toMatchObject({
      depth: 1,
      features: 1,
      onlyTarget: 0,
      missingBelow: undefined,
    });
  });

  it('finds nodes by ids in any order', () => {
    const lists = {
      ...STUMP,
      nodeIds: [5, 9, 3],
      trueIds: [9, 0, 0],
      falseIds: [3, 0, 0],
      weightNodeIds: [9, 3],
    };

    expect(answer(lists, 0.5, 0.6)).toEqual([10, 20]);
  });

  it('gives a leaf without a weight no score', () => {
    const lists = { ...STUMP, weightTreeIds: [7], weightNodeIds: [2], weightTargets: [0], weights: [20] };

    expect(flattenTrees(lists)?.onlyTarget).toBeUndefined();
    expect(answer(lists, 0, 1)).toEqual([0, 20]);
  });

  it.each<[string, Partial<TreeLists>]>([
    ['no nodes', { treeIds: [], nodeIds: [], modes: [] }],
    ['an unknown mode', { modes: ['BRANCH_MEMBER', 'LEAF', 'LEAF'] }],
    ['a threshold that is no number', { values: [Number.NaN, 0, 0] }],
    ['a child that is not there', { falseIds: [3, 0, 0] }],
    ['a node that two ways lead to', { falseIds: [1, 0, 0] }],
    ['a way back to the root', { falseIds: [0, 0, 0] }],
    ['two nodes of one id', { nodeIds: [0, 1, 1] }],
    ['trees in pieces', { treeIds: [7, 8, 7] }],
    ['a weight of a branch', { weightNodeIds: [0, 2] }],
    ['a weight of another tree', { weightTreeIds: [7, 8] }],
    ['a feature before the first', { featureIds: [-1, 0, 0] }],
    [
      'less than everything',
      { modes: ['BRANCH_LT', 'LEAF', 'LEAF'], values: [Number.NEGATIVE_INFINITY, 0, 0] },
    ],
  ])('leaves %s alone', (_, change) => {
    expect(flattenTrees({ ...STUMP, ...change })).toBeUndefined();
  });
});

describe('floatBefore', () => {
  it('answers the neighbour, with nothing between', () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true, noDefaultInfinity: true, min: Math.fround(-1e38) }), (value) => {
        const before = floatBefore(value);

        expect(before).toBeLessThan(value);
        expect([before, value]).toContain(Math.fround(before + (value - before) / 2));
      }),
    );
  });
});
