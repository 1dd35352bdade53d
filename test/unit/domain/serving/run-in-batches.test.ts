import { describe, expect, it } from 'vitest';
import { InferenceFailedError } from '../../../../domain/serving/errors.ts';
import type { ModelSession } from '../../../../domain/serving/ports.ts';
import { readInvocations } from '../../../../domain/serving/read-invocations.ts';
import { ServedModel } from '../../../../domain/serving/served-model.ts';
import type { NamedTensors, Tensor } from '../../../../domain/serving/tensor.ts';
import { parseSignature } from '../../../../domain/shared/signature.ts';
import { graphValue } from '../../../support/serving-models.ts';

/** Two rows of two at a time: their sums, and their texts in brackets, with the factor as it is. */
function makeSession(answered = 2): ModelSession & { readonly calls: NamedTensors[] } {
  const calls: NamedTensors[] = [];
  return {
    calls,
    graph: {
      inputs: [
        graphValue('x', 'float32', [2, 2]),
        graphValue('text', 'string', [2]),
        graphValue('factor', 'float32', [1]),
      ],
      outputs: [graphValue('sum', 'int64', [2]), graphValue('said', 'string', [2, 1])],
    },
    run: async (feeds) => {
      calls.push(feeds);
      const { x, text, factor } = feeds as Record<'x' | 'text' | 'factor', Tensor>;
      const [times] = factor.data as Float32Array;
      const numbers = x.data as Float32Array;
      const sums = [0, 2].map((k) => BigInt((numbers[k]! + numbers[k + 1]!) * times!));
      return {
        sum: { type: 'int64', data: BigInt64Array.from(sums), dims: [answered] },
        said: { type: 'string', data: (text.data as string[]).map((one) => `[${one}]`), dims: [2, 1] },
      };
    },
  };
}

const signature = parseSignature({
  inputs: [
    { name: 'x', type: 'tensor', 'tensor-spec': { dtype: 'float32', shape: [2, 2] } },
    { name: 'text', type: 'tensor', 'tensor-spec': { dtype: 'str', shape: [2] } },
  ],
  params: [{ name: 'factor', type: 'float', default: 10, shape: [-1] }],
});

async function predict(session: ModelSession, rows: number) {
  const model = new ServedModel(signature, session);
  const x = Array.from({ length: rows }, (_, k) => [k, 1]);
  const text = x.map(([k]) => `${k}`);
  const batch = readInvocations({ inputs: { x, text }, params: { factor: [10] } }, model.binding);
  return JSON.parse(model.writePredictions(await model.run(batch.feeds), batch.rows)).predictions;
}

describe('a model that was exported for two rows', () => {
  it.each([1, 2, 3, 4, 5])('answers %d, each as it would alone', async (rows) => {
    const session = makeSession();

    const predictions = await predict(session, rows);

    expect(predictions).toEqual(
      Array.from({ length: rows }, (_, k) => ({ sum: (k + 1) * 10, said: `[${k}]` })),
    );
    expect(session.calls).toHaveLength(Math.ceil(rows / 2));
    expect(session.calls.every(({ x, factor }) => x?.dims[0] === 2 && factor?.dims[0] === 1)).toBe(true);
  });

  it('fails when what it answers are not its rows', async () => {
    await expect(predict(makeSession(1), 3)).rejects.toThrow(InferenceFailedError);
  });
});
