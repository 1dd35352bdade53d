import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { preferTreesWhenBusy } from '../../../../adapters/serving/busy-session.ts';
import { createOrtSession } from '../../../../adapters/serving/ort-session.ts';
import type { ModelSession } from '../../../../domain/serving/ports.ts';
import type { NamedTensors } from '../../../../domain/serving/tensor.ts';
import { buildTreeClassifier } from '../../../support/onnx-model.ts';

const model = buildTreeClassifier(5, 3, 4);
const feeds = (rows: number): NamedTensors => ({
  x: { type: 'float32', data: new Float32Array(rows * 4).fill(0.3), dims: [rows, 4] },
});

/** A session that counts its calls, each of which takes so long. */
async function openSession(milliseconds: number) {
  const opened = await createOrtSession(model);
  const counted = { calls: 0 };
  const session: ModelSession = {
    graph: opened.graph,
    run: async (input) => {
      counted.calls += 1;
      await sleep(milliseconds);
      return opened.run(input);
    },
  };
  return { session, counted, input: { [opened.graph.inputs[0]!.name]: feeds(1).x! } };
}

describe('preferTreesWhenBusy', () => {
  it('leaves an environment that answers little to onnxruntime', async () => {
    const { session, counted, input } = await openSession(1);
    const busy = preferTreesWhenBusy(model, session);

    for (let i = 0; i < 5; i += 1) await busy.run(input);

    expect(counted.calls).toBe(5);
  });

  it('answers in JavaScript, and the same, after long enough in onnxruntime', async () => {
    const { session, counted, input } = await openSession(30);
    const busy = preferTreesWhenBusy(model, session);
    const expected = await busy.run(input);
    await busy.run(input);

    await busy.run(input);
    const afterPreparation = counted.calls;
    const actual = await busy.run(input);

    expect(afterPreparation).toBeGreaterThan(2);
    expect(counted.calls).toBe(afterPreparation);
    expect(Object.keys(actual)).toEqual(Object.keys(expected));
    for (const name of Object.keys(expected)) {
      expect([...actual[name]!.data].map(Number)).toEqual(
        [...expected[name]!.data].map((value) => expect.closeTo(Number(value), 6)),
      );
    }
  });
});
