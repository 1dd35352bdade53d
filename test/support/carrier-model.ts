import { writeTreeEnsemble } from '../../adapters/onnx/write-tree-ensemble.ts';
import { buildProfile } from '../../domain/shared/profile/build-profile.ts';
import { cellOf, type Table } from '../../domain/shared/table.ts';
import { predict } from '../../domain/training/gbdt/model.ts';
import { trainGbdt } from '../../domain/training/gbdt/train-gbdt.ts';
import type { MoreOfVersion } from './cloud-caller.ts';
import { GENERATED_FEATURES, generateRows } from './training-rows.ts';

const SIGNATURE = {
  inputs: GENERATED_FEATURES.map((name) => ({
    name,
    type: name === 'carrier' ? 'string' : 'double',
    required: false,
  })),
  outputs: [
    { name: 'label', type: 'long' },
    { name: 'probabilities', type: 'double' },
  ],
};

/** A classifier of generated rows with its signature and baseline, as somebody else would bring it. */
export function makeCarrierModel() {
  const { table, target } = generateRows(6000, 1).binary;
  const model = trainGbdt({
    objective: 'binary',
    features: GENERATED_FEATURES,
    training: { table, target },
    options: { rounds: 20 },
  });
  const profile = Buffer.from(JSON.stringify(buildProfile(table, { windowRows: 400 })));
  const more: MoreOfVersion = { files: { 'profile.json': profile }, input: { signature: SIGNATURE } };
  return {
    graph: writeTreeEnsemble(model),
    more,
    probabilitiesOf: (rows: Table) => [...predict(model, rows)],
  };
}

/** Rows that the model has not seen, as the cells of requests. */
export function makeRequests(rows: number, seed: number) {
  const { table, target } = generateRows(rows, seed).binary;
  const columns = GENERATED_FEATURES.map((name) => table.columns[name]!);
  const data = Array.from({ length: rows }, (_, row) => columns.map((column) => cellOf(column, row)));
  return { table, target: [...target], columns: GENERATED_FEATURES, data };
}
