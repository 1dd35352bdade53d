import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { readModel } from '../../../../adapters/onnx/read-model.ts';
import { writeTreeEnsemble } from '../../../../adapters/onnx/write-tree-ensemble.ts';
import { InvalidInputError } from '../../../../domain/shared/domain-error.ts';
import {
  type Column,
  categoryColumn,
  cellOf,
  numericColumn,
  type Table,
} from '../../../../domain/shared/table.ts';
import { type GbdtModel, predict } from '../../../../domain/training/gbdt/model.ts';
import { trainGbdt } from '../../../../domain/training/gbdt/train-gbdt.ts';
import { GENERATED_FEATURES, generateRows } from '../../../support/training-rows.ts';

async function runOnnx(model: GbdtModel, table: Table): Promise<InferenceSession.OnnxValueMapType> {
  const session = await InferenceSession.create(writeTreeEnsemble(model));
  const feeds = Object.fromEntries(
    model.features.map(({ name }) => [name, toTensor(table.columns[name]!, table.rows)]),
  );
  return session.run(feeds);
}

function toTensor(column: Column, rows: number): Tensor {
  const cells = Array.from({ length: rows }, (_, row) => cellOf(column, row));
  return column.kind === 'numeric'
    ? new Tensor(
        'float32',
        Float32Array.from(cells, (cell) => (cell as number | null) ?? Number.NaN),
        [rows, 1],
      )
    : new Tensor(
        'string',
        cells.map((cell) => (cell as string | null) ?? ''),
        [rows, 1],
      );
}

function greatestDifference(a: Float64Array, b: ArrayLike<number>): number {
  return a.reduce((most, value, row) => Math.max(most, Math.abs(value - b[row]!)), 0);
}

/** Rows that training did not see: new values, missing ones, infinities, unseen categories, the empty one. */
function strangeRows(): Table {
  const hours = [
    0,
    11.5,
    12,
    23,
    null,
    99,
    -5,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    12.499999,
  ];
  const carriers = ['AA', 'ZZ', '', null, 'BB', 'unseen ✈', 'EE', 'CC', 'DD', 'AA'];
  return {
    rows: 10,
    columns: {
      hour: numericColumn(hours),
      distance: numericColumn([1500, 1499.9999999, 1e300, null, 0, -1, 1500.0000001, 2999, 3000, null]),
      wind: numericColumn([null, 0, -10, 10, null, 1e-45, -1e-45, 5, null, 16777217]),
      carrier: categoryColumn(carriers),
    },
  };
}

describe('writeTreeEnsemble', () => {
  const rows = generateRows(4000);
  const options = { rounds: 60, learningRate: 0.2 };

  it("gives the binary trainer's own probabilities and labels in onnxruntime", async () => {
    const model = trainGbdt({
      objective: 'binary',
      features: GENERATED_FEATURES,
      training: rows.binary,
      options,
    });

    for (const table of [generateRows(3000, 2).binary.table, strangeRows()]) {
      const answers = await runOnnx(model, table);
      const own = predict(model, table);
      const probabilities = answers.probabilities!.data as Float32Array;
      const positive = probabilities.filter((_, index) => index % 2 === 1);
      expect(answers.probabilities!.dims).toEqual([table.rows, 2]);
      expect(greatestDifference(own, positive)).toBeLessThanOrEqual(1e-6);
      expect(
        greatestDifference(
          own.map((p) => 1 - p),
          probabilities.filter((_, i) => i % 2 === 0),
        ),
      ).toBeLessThanOrEqual(1e-6);
      expect(Array.from(answers.label!.data as BigInt64Array, Number)).toEqual(
        Array.from(own, (p) => (p > 0.5 ? 1 : 0)),
      );
    }
  });

  it("gives the regression trainer's own values in onnxruntime", async () => {
    const model = trainGbdt({
      objective: 'regression',
      features: GENERATED_FEATURES,
      training: rows.regression,
      options,
    });

    for (const table of [generateRows(3000, 2).regression.table, strangeRows()]) {
      const answers = await runOnnx(model, table);
      const own = predict(model, table);
      // Float32 has 24 bits: sums of 60 leaves around 30 can be off by some 1e-6 of that.
      expect(answers.prediction!.dims).toEqual([table.rows, 1]);
      expect(greatestDifference(own, answers.prediction!.data as Float32Array)).toBeLessThanOrEqual(30e-6);
    }
  });

  it('labels rightly when every leaf is positive', async () => {
    const trained = trainGbdt({ objective: 'binary', features: ['hour'], training: rows.binary, options });
    const model: GbdtModel = {
      ...trained,
      baseScore: Math.fround(-0.25),
      trees: [{ ...trained.trees[0]!, value: trained.trees[0]!.value.map(() => 0.5) }],
    };

    const answers = await runOnnx(model, strangeRows());

    expect(Number(answers.label!.data[0])).toBe(1);
    expect(
      greatestDifference(
        predict(model, strangeRows()),
        (answers.probabilities!.data as Float32Array).filter((_, i) => i % 2 === 1),
      ),
    ).toBeLessThanOrEqual(1e-6);
  });

  it('writes a loadable model when no tree was kept and no category was seen', async () => {
    const table = { rows: 4, columns: { carrier: categoryColumn([null, null, '', null]) } };
    const training = { table, target: Float64Array.of(0, 1, 1, 1) };
    const model = trainGbdt({ objective: 'binary', features: ['carrier'], training });

    const answers = await runOnnx(model, table);

    expect(model.trees).toHaveLength(0);
    expect(answers.probabilities!.data[1]).toBeCloseTo(0.75, 6);
  });

  it('writes the same bytes for the same rows and seed', () => {
    const input = { objective: 'binary' as const, features: GENERATED_FEATURES, training: rows.binary };
    const sampled = { ...options, rowFraction: 0.7, columnFraction: 0.7, seed: 42 };

    const first = writeTreeEnsemble(trainGbdt({ ...input, options: sampled }));
    const again = writeTreeEnsemble(trainGbdt({ ...input, options: sampled }));
    const other = writeTreeEnsemble(trainGbdt({ ...input, options: { ...sampled, seed: 43 } }));

    expect(Buffer.compare(first, again)).toBe(0);
    expect(Buffer.compare(first, other)).not.toBe(0);
  });

  it('names one input for each column', () => {
    const model = trainGbdt({
      objective: 'binary',
      features: ['carrier', 'hour'],
      training: rows.binary,
      options,
    });

    const facts = readModel(writeTreeEnsemble(model));

    expect(facts.inputs).toEqual([
      { name: 'carrier', kind: 'tensor', elementType: 'string', shape: ['N', 1] },
      { name: 'hour', kind: 'tensor', elementType: 'float', shape: ['N', 1] },
    ]);
  });

  it('refuses a column that is called as an output', () => {
    const table = { rows: 40, columns: { label: numericColumn(Array.from({ length: 40 }, (_, i) => i)) } };
    const target = Float64Array.from({ length: 40 }, (_, i) => i % 2);
    const model = trainGbdt({ objective: 'binary', features: ['label'], training: { table, target } });

    expect(() => writeTreeEnsemble(model)).toThrow(InvalidInputError);
  });
});
