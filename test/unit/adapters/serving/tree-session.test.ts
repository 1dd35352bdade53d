import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createOrtSession } from '../../../../adapters/serving/ort-session.ts';
import { preferTrees } from '../../../../adapters/serving/tree-session.ts';
import type { ModelSession } from '../../../../domain/serving/ports.ts';
import type { NamedTensors, Tensor } from '../../../../domain/serving/tensor.ts';
import { makeRandom } from '../../../support/onnx-model.ts';
import { buildTrees, type TreeModelOptions } from '../../../support/tree-models.ts';

const MODES = ['BRANCH_LEQ', 'BRANCH_LT', 'BRANCH_GT', 'BRANCH_GTE', 'BRANCH_EQ', 'BRANCH_NEQ'];
const SPECIAL = [0, -0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];

/** Quarters, which the thresholds are too, numbers between them, and what is special. */
function makeMatrix(rows: number, features: number, special: boolean, seed = 5): Tensor {
  const random = makeRandom(seed);
  const data = Float32Array.from({ length: rows * features }, () => {
    const kind = random();
    if (special && kind < 0.1) return SPECIAL[Math.floor(random() * SPECIAL.length)]!;
    return kind < 0.5 ? Math.round(random() * 44 - 22) / 4 : random() * 12 - 6;
  });
  return { type: 'float32', data, dims: [rows, features] };
}

/** The session that onnxruntime made, and how often it was asked after the choice was made. */
async function choose(model: Uint8Array, examples: NamedTensors[] = []) {
  const session = await createOrtSession(model);
  let asked = 0;
  const counted: ModelSession = {
    graph: session.graph,
    run: (feeds) => {
      asked += 1;
      return session.run(feeds);
    },
  };
  const chosen = await preferTrees(model, counted, examples);
  asked = 0;
  return { session, chosen, count: () => asked };
}

function expectClose(actual: NamedTensors, expected: NamedTensors): void {
  expect(Object.keys(actual).sort()).toEqual(Object.keys(expected).sort());
  for (const name in expected) {
    const [got, wanted] = [actual[name]!, expected[name]!];
    expect({ type: got.type, dims: got.dims }).toEqual({ type: wanted.type, dims: [...wanted.dims] });
    if (wanted.type !== 'float32') expect([...got.data]).toEqual([...wanted.data]);
    else {
      (wanted.data as Float32Array).forEach((value, k) => {
        const difference = Math.abs((got.data[k] as number) - value) / Math.max(1, Math.abs(value));
        expect(
          Object.is(got.data[k], value) || difference < 1e-6,
          `${name}[${k}] ${got.data[k]} ${value}`,
        ).toBe(true);
      });
    }
  }
}

const SMALL = { trees: 9, depth: 4, features: 5 } as const;
const CASES: [string, TreeModelOptions][] = [
  [
    'a binary classifier of one score',
    { kind: 'classifier', ...SMALL, attributes: { post_transform: 'LOGISTIC' } },
  ],
  ['raw scores', { kind: 'classifier', ...SMALL, attributes: { post_transform: 'NONE' } }],
  [
    'a base value',
    { kind: 'classifier', ...SMALL, attributes: { post_transform: 'LOGISTIC', base_values: [0.3] } },
  ],
  [
    'two base values and votes for the first class',
    { kind: 'classifier', ...SMALL, attributes: { base_values: [0.3, 0.7] } },
  ],
  [
    'two base values and votes for both',
    {
      kind: 'classifier',
      ...SMALL,
      votes: 'all',
      attributes: { post_transform: 'LOGISTIC', base_values: [0.3, 0.7] },
    },
  ],
  [
    'two base values',
    {
      kind: 'classifier',
      ...SMALL,
      votes: 'last',
      attributes: { post_transform: 'LOGISTIC', base_values: [0.3, 0.3] },
    },
  ],
  [
    'votes for the second class',
    { kind: 'classifier', ...SMALL, votes: 'last', attributes: { post_transform: 'LOGISTIC' } },
  ],
  ['probabilities of a forest', { kind: 'classifier', ...SMALL, sign: 'positive' }],
  [
    'votes for both of two classes',
    { kind: 'classifier', ...SMALL, votes: 'all', attributes: { post_transform: 'SOFTMAX' } },
  ],
  [
    'labels of text',
    { kind: 'classifier', ...SMALL, labels: ['no', 'yes'], attributes: { post_transform: 'LOGISTIC' } },
  ],
  [
    'three classes in turn',
    { kind: 'classifier', ...SMALL, targets: 3, votes: 'one', attributes: { post_transform: 'SOFTMAX' } },
  ],
  [
    'three classes at once',
    { kind: 'classifier', ...SMALL, targets: 3, votes: 'all', labels: ['a', 'b', 'c'] },
  ],
  [
    'three classes with base values',
    {
      kind: 'classifier',
      ...SMALL,
      targets: 3,
      votes: 'one',
      attributes: { post_transform: 'LOGISTIC', base_values: [0.1, -0.2, 0.3] },
    },
  ],
  [
    'softmax without zeros',
    {
      kind: 'classifier',
      ...SMALL,
      trees: 2,
      targets: 4,
      votes: 'one',
      attributes: { post_transform: 'SOFTMAX_ZERO' },
    },
  ],
  ['a regression', { kind: 'regressor', ...SMALL, attributes: { base_values: [1.5] } }],
  [
    'an average',
    { kind: 'regressor', ...SMALL, attributes: { aggregate_function: 'AVERAGE', base_values: [1.5] } },
  ],
  [
    'several targets',
    { kind: 'regressor', ...SMALL, targets: 3, votes: 'all', attributes: { base_values: [1, 2, 3] } },
  ],
  ['every mode', { kind: 'regressor', ...SMALL, trees: 40, modes: MODES }],
  ['missing values on either side', { kind: 'regressor', ...SMALL, tracksMissing: true }],
  [
    'every mode and missing values',
    {
      kind: 'classifier',
      ...SMALL,
      trees: 30,
      modes: MODES,
      tracksMissing: true,
      attributes: { post_transform: 'LOGISTIC' },
    },
  ],
  ['pruned trees', { kind: 'regressor', trees: 33, depth: 9, features: 3, pruned: 0.3, tracksMissing: true }],
  ['deep trees', { kind: 'regressor', trees: 5, depth: 16, features: 4, pruned: 0.25 }],
  [
    'a hundred trees of thirty features',
    { kind: 'classifier', trees: 100, depth: 6, features: 30, attributes: { post_transform: 'LOGISTIC' } },
  ],
];

describe('an ensemble of trees', () => {
  it.each(CASES)('with %s is answered as onnxruntime does, without it', async (_, options) => {
    const { session, chosen, count } = await choose(buildTrees(options));

    for (const [rows, special] of [
      [1, false],
      [1, true],
      [7, false],
      [300, false],
      [301, true],
    ] as const) {
      const feeds = { matrix: makeMatrix(rows, options.features, special, rows) };
      expectClose(await chosen.run(feeds), await session.run(feeds));
    }
    // The two large batches of deep trees are onnxruntime's.
    expect(count()).toBe(options.depth > 12 ? 2 : 0);
  });

  it('is answered as onnxruntime does, whatever its shape', async () => {
    const option = fc.record({
      kind: fc.constantFrom('classifier' as const, 'regressor' as const),
      trees: fc.integer({ min: 1, max: 20 }),
      depth: fc.integer({ min: 1, max: 7 }),
      features: fc.integer({ min: 1, max: 6 }),
      seed: fc.nat(),
      modes: fc.subarray(MODES, { minLength: 1 }),
      pruned: fc.constantFrom(0, 0.3),
      tracksMissing: fc.boolean(),
      targets: fc.integer({ min: 2, max: 4 }),
      votes: fc.constantFrom('first' as const, 'last' as const, 'one' as const, 'all' as const),
      sign: fc.constantFrom('mixed' as const, 'positive' as const),
      attributes: fc.record({
        post_transform: fc.constantFrom('NONE', 'LOGISTIC', 'SOFTMAX', 'SOFTMAX_ZERO'),
      }),
    });

    await fc.assert(
      fc.asyncProperty(option, async (options) => {
        const { session, chosen, count } = await choose(buildTrees(options));
        const feeds = { matrix: makeMatrix(16, options.features, true, options.seed) };
        expectClose(await chosen.run(feeds), await session.run(feeds));
        expect(count()).toBe(0);
      }),
      { numRuns: 60 },
    );
  });

  it('is found behind casts, encoders and side by side columns, as the built-in trainer writes it', async () => {
    const column = (name: string, type: 'float' | 'string' | 'int64') => ({ name, type, shape: ['N', 1] });
    const around = {
      inputs: [column('age', 'float'), column('city', 'string'), column('visits', 'int64')],
      nodes: [
        {
          op: 'LabelEncoder',
          domain: 'ai.onnx.ml',
          inputs: ['city'],
          outputs: ['part_city'],
          attributes: { keys_strings: ['Bern', 'Köln'], values_floats: [0, 1], default_float: Number.NaN },
        },
        { op: 'Cast', inputs: ['visits'], outputs: ['part_visits'], attributes: { to: 1n } },
        {
          op: 'Concat',
          inputs: ['age', 'part_city', 'part_visits'],
          outputs: ['matrix'],
          attributes: { axis: 1n },
        },
      ],
    };
    const model = buildTrees({ kind: 'regressor', ...SMALL, features: 3, tracksMissing: true, around });
    const { session, chosen, count } = await choose(model);
    const feeds: NamedTensors = {
      age: { type: 'float32', data: Float32Array.of(1, Number.NaN, -3), dims: [3, 1] },
      city: { type: 'string', data: ['Köln', 'Rom', ''], dims: [3, 1] },
      visits: { type: 'int64', data: BigInt64Array.of(1n, 2n, -(2n ** 60n)), dims: [3, 1] },
    };

    expectClose(await chosen.run(feeds), await session.run(feeds));
    expect(count()).toBe(0);
  });

  it('is found before a cast of its label and a ZipMap of its scores', async () => {
    const around = {
      outputs: [
        { name: 'output_label', type: 'int64', shape: ['N'] },
        { name: 'output_probability', type: 'zipmap' },
      ],
      nodes: [
        { op: 'Cast', inputs: ['label'], outputs: ['output_label'], attributes: { to: 7n } },
        {
          op: 'ZipMap',
          domain: 'ai.onnx.ml',
          inputs: ['scores'],
          outputs: ['output_probability'],
          attributes: { classlabels_int64s: [0n, 1n] },
        },
      ],
    } as const;
    const { session, chosen, count } = await choose(buildTrees({ kind: 'classifier', ...SMALL, around }));
    const feeds = { matrix: makeMatrix(20, SMALL.features, true) };

    expectClose(await chosen.run(feeds), await session.run(feeds));
    expect(count()).toBe(0);
  });

  it.each<[string, Partial<TreeModelOptions>]>([
    ['another aggregate', { attributes: { aggregate_function: 'MAX' } }],
    ['another transform', { attributes: { post_transform: 'PROBIT' } }],
    [
      'another operator behind it',
      {
        around: {
          outputs: [{ name: 'y', type: 'float', shape: ['N', 1] }],
          nodes: [{ op: 'Neg', inputs: ['scores'], outputs: ['y'] }],
        },
      },
    ],
  ])('is left to onnxruntime with %s', async (_, change) => {
    const { session, chosen, count } = await choose(buildTrees({ kind: 'regressor', ...SMALL, ...change }));
    const feeds = { matrix: makeMatrix(3, SMALL.features, false) };

    expectClose(await chosen.run(feeds), await session.run(feeds));
    expect(count()).toBe(1);
  });

  it('is left to onnxruntime when both differ on one row of the example', async () => {
    const model = buildTrees({ kind: 'regressor', ...SMALL });
    const example = { matrix: makeMatrix(2, SMALL.features, false) };
    const session = await createOrtSession(model);
    const odd: ModelSession = {
      graph: session.graph,
      run: async (feeds) => {
        const { scores } = await session.run(feeds);
        const shift = feeds === example ? 1e-4 : 0;
        return { scores: { ...scores!, data: (scores!.data as Float32Array).map((y) => y + shift) } };
      },
    };

    expect(await preferTrees(model, odd, [example])).toBe(odd);
    expect(await preferTrees(model, odd)).not.toBe(odd);
  });

  it('leaves a shape that the graph would refuse to the one who refuses', async () => {
    const { chosen, count } = await choose(buildTrees({ kind: 'regressor', ...SMALL }));

    await expect(chosen.run({ matrix: makeMatrix(2, 4, false) })).rejects.toThrow();
    expect(count()).toBe(1);
  });

  it.each([
    ['no bytes', new Uint8Array()],
    ['text', Buffer.from('this is no model')],
    ['half a model', buildTrees({ kind: 'regressor', ...SMALL }).subarray(0, 3000)],
  ])('is not looked for in %s', async (_, bytes) => {
    const session = await createOrtSession(buildTrees({ kind: 'regressor', ...SMALL }));

    expect(await preferTrees(bytes, session)).toBe(session);
  });
});
