import { describe, expect, it } from 'vitest';
import {
  checkExample,
  comparePredictions,
  parseExample,
  predictExample,
  toInvocation,
} from '../../../../domain/serving/check-example.ts';
import { InferenceFailedError, SignatureMismatchError } from '../../../../domain/serving/errors.ts';
import type { ModelSession } from '../../../../domain/serving/ports.ts';
import { ServedModel } from '../../../../domain/serving/served-model.ts';
import { InvalidInputError } from '../../../../domain/shared/domain-error.ts';
import { parseSignature } from '../../../../domain/shared/signature.ts';
import { graphValue } from '../../../support/serving-models.ts';

/** Doubles its one column. */
const DOUBLER: ModelSession = {
  graph: { inputs: [graphValue('x', 'float32', ['N', 1])], outputs: [graphValue('y', 'float32', ['N', 1])] },
  run: async ({ x }) => ({ y: { ...x!, data: (x!.data as Float32Array).map((value) => value * 2) } }),
};
const ALL_OF_Y = { names: ['y'], binary: new Set<string>(), asTable: false };
const SIGNATURE = parseSignature({ inputs: [{ name: 'x', type: 'double' }] });

describe('checkExample', () => {
  it('agrees with the example within its tolerance', async () => {
    const example = parseExample({ inputs: { columns: ['x'], data: [[1], [100]] }, outputs: [2.00005, 200] });

    const comparison = await checkExample(new ServedModel(SIGNATURE, DOUBLER), example);

    expect(comparison.mismatch).toBeUndefined();
    expect(comparison.maxDifference).toBeCloseTo(2.5e-5, 6);
  });

  it('says where the answer differs', async () => {
    const example = parseExample({
      inputs: { dataframe_records: [{ x: 1 }] },
      outputs: [3],
      tolerance: 0.01,
    });

    const comparison = await checkExample(new ServedModel(SIGNATURE, DOUBLER), example);

    expect(comparison.mismatch).toBe('outputs[0] is 2 instead of 3');
  });
});

describe('ServedModel', () => {
  it("keeps the engine's words out of its failures", async () => {
    const session: ModelSession = { ...DOUBLER, run: () => Promise.reject(new Error('/secret/path')) };
    const failed = new ServedModel(SIGNATURE, session).run({});

    await expect(failed).rejects.toThrow(InferenceFailedError);
    await expect(failed).rejects.not.toThrow('/secret/path');
  });

  it('refuses a model without a tensor among its outputs', () => {
    const session = { ...DOUBLER, graph: { ...DOUBLER.graph, outputs: [] } };

    expect(() => new ServedModel(SIGNATURE, session)).toThrow(SignatureMismatchError);
  });

  it('repeats the example of a model that answers NaN and infinities', async () => {
    const session = {
      ...DOUBLER,
      run: async () => ({
        y: { type: 'float32' as const, data: Float32Array.of(Number.NaN, 2, -Infinity), dims: [3, 1] },
      }),
    };
    const model = new ServedModel(SIGNATURE, session);
    const inputs = { dataframe_split: { columns: ['x'], data: [[1], [2], [3]] } };

    const outputs = await predictExample(model, { inputs });

    expect(outputs).toEqual([null, 2, null]);
    expect(await checkExample(model, { inputs, outputs, tolerance: 0 })).toMatchObject({
      mismatch: undefined,
    });
  });

  it('writes the answer of infer under the endpoint’s name', () => {
    const model = new ServedModel(SIGNATURE, DOUBLER);
    const outputs = { y: { type: 'float32' as const, data: Float32Array.of(2), dims: [1, 1] } };
    const request = { batch: { rows: 1, feeds: {} }, id: undefined, outputs: ALL_OF_Y };

    expect(
      JSON.parse(model.writeInferResponse({ endpoint: 'e', modelVersion: 4 }, request, outputs).json),
    ).toMatchObject({
      model_name: 'e',
      model_version: '4',
      outputs: [{ name: 'y', data: [2] }],
    });
  });
});

describe('comparePredictions', () => {
  it.each<[string, unknown, unknown, boolean]>([
    [
      'equal records',
      [{ label: 1, probabilities: [0.5, 0.5] }],
      [{ label: 1, probabilities: [0.5, 0.5] }],
      true,
    ],
    ['a flipped label', [{ label: 1 }], [{ label: 0 }], false],
    ['large numbers that differ by little', [1e6], [1e6 + 1], true],
    ['another length', [1], [1, 2], false],
    ['another key', [{ a: 1 }], [{ b: 1 }], false],
    ['a text for a number', ['1'], [1], false],
    ['a record for a list', [{}], [[]], false],
    ['equal texts', ['x'], ['x'], true],
    ['one value a row, stated as a list of one', [0.5], [[0.5]], true],
    ['another value in a list of one', [0.5], [[0.6]], false],
  ])('judges %s', (_, actual, expected, agrees) => {
    expect(comparePredictions(actual, expected, 1e-4).mismatch === undefined).toBe(agrees);
  });
});

describe('parseExample', () => {
  it.each([null, {}, { inputs: {} }, { inputs: {}, outputs: 1 }, { inputs: {}, outputs: [], tolerance: -1 }])(
    'refuses %j',
    (value) => {
      expect(() => parseExample(value)).toThrow(InvalidInputError);
    },
  );

  it('takes a body of invocations as it is', () => {
    expect(toInvocation({ inputs: { instances: [[1]] } })).toEqual({ instances: [[1]] });
  });
});
