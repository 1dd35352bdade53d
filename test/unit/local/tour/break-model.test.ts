import { describe, expect, it } from 'vitest';
import { scoreTable } from '../../../../adapters/onnx/score-table.ts';
import { writeTreeEnsemble } from '../../../../adapters/onnx/write-tree-ensemble.ts';
import { createOrtSession } from '../../../../adapters/serving/ort-session.ts';
import { ServedModel } from '../../../../domain/serving/served-model.ts';
import { numericColumn } from '../../../../domain/shared/table.ts';
import { describeInputs } from '../../../../domain/training/describe-candidate.ts';
import { trainGbdt } from '../../../../domain/training/gbdt/train-gbdt.ts';
import { breakModel } from '../../../../local/tour/break-model.ts';

const hours = Array.from({ length: 240 }, (_, i) => i % 24);

function trainOnHours() {
  const table = { rows: hours.length, columns: { hour: numericColumn(hours) } };
  const target = Float64Array.from(hours, (hour) => Number(hour > 6));
  return trainGbdt({
    objective: 'binary',
    features: ['hour'],
    training: { table, target },
    options: { rounds: 3 },
  });
}

describe('breakModel', () => {
  it('answers the morning as the model did and fails in the afternoon', async () => {
    const model = trainOnHours();
    const onnx = writeTreeEnsemble(model);
    const serve = async (bytes: Uint8Array) =>
      new ServedModel(describeInputs(model), await createOrtSession(bytes));
    const [whole, broken] = [await serve(onnx), await serve(breakModel(onnx))];
    const at = (hour: number) => ({ rows: 1, columns: { hour: numericColumn([hour]) } });

    const morning = await scoreTable(broken, at(9), 'binary');

    expect(morning).toEqual(await scoreTable(whole, at(9), 'binary'));
    await expect(scoreTable(broken, at(13), 'binary')).rejects.toThrow();
  });
});
