import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { exportModel } from '../../../../adapters/onnx/export-model.ts';
import { scoreTable } from '../../../../adapters/onnx/score-table.ts';
import { writeTreeEnsemble } from '../../../../adapters/onnx/write-tree-ensemble.ts';
import { createOrtSession } from '../../../../adapters/serving/ort-session.ts';
import { preferTrees } from '../../../../adapters/serving/tree-session.ts';
import { ServedModel } from '../../../../domain/serving/served-model.ts';
import type { Profile } from '../../../../domain/shared/profile/profile.ts';
import { parseSignature } from '../../../../domain/shared/signature.ts';
import { numericColumn, type Table } from '../../../../domain/shared/table.ts';
import { ExportMismatchError } from '../../../../domain/training/errors.ts';
import { drawTrial, toTrialInput } from '../../../../domain/training/fit-rows.ts';
import { predict } from '../../../../domain/training/gbdt/model.ts';
import { readModelFile, writeModelFile } from '../../../../domain/training/model-file.ts';
import type { PipelineInput } from '../../../../domain/training/pipeline-contract.ts';
import { prepareRows } from '../../../../domain/training/prepare-rows.ts';
import { readRowsFile, writeRowsFile } from '../../../../domain/training/rows-file.ts';
import { chooseTrial, fitChosen, runTrial } from '../../../../domain/training/run-trial.ts';
import { generateRows } from '../../../support/training-rows.ts';
import { makeSettings } from '../../../support/training-world.ts';

const KINDS = { hour: 'numeric', distance: 'numeric', wind: 'numeric', carrier: 'category' };
const COLUMNS = Object.entries(KINDS).map(([name, kind]) => ({ name, kind }));

function makeTable(task: PipelineInput['task']): Table {
  const { binary, regression } = generateRows(1500);
  const { table, target } = task === 'classification' ? binary : regression;
  const at = numericColumn(Array.from({ length: table.rows }, (_, i) => i));
  return { rows: table.rows, columns: { ...table.columns, at, left: numericColumn(target) } };
}

function makeFastSettings(task: PipelineInput['task'], seed = 1): PipelineInput {
  return makeSettings({ task, search: { trials: 2, seed, fixed: { rounds: 20, rowFraction: 0.8 } } });
}

/** What the states of the machine do, one after the other, through the files that they leave for each other. */
function train(settings: PipelineInput) {
  const { fitting, holdOut, trainingRows, features } = prepareRows(
    makeTable(settings.task),
    settings,
    COLUMNS,
  );
  const file = writeRowsFile({ rows: fitting, facts: { trainingRows, features } });
  const trials = [1, 0].map((index) =>
    runTrial(toTrialInput(readRowsFile(file), settings), drawTrial(settings, index)),
  );
  const fitted = fitChosen(toTrialInput(readRowsFile(file), settings), chooseTrial(trials));
  return { model: readModelFile(writeModelFile(fitted)), fitted, fitting, holdOut };
}

const digest = (bytes: Uint8Array | undefined) => createHash('sha256').update(bytes!).digest('hex');
const parse = (bytes: Uint8Array | undefined) => JSON.parse(Buffer.from(bytes!).toString()) as unknown;

describe('a model of the built-in trainer', () => {
  it.each(['classification', 'regression'] as const)('for %s is served without onnxruntime', async (task) => {
    const onnx = writeTreeEnsemble(train(makeFastSettings(task)).model);
    const session = await createOrtSession(onnx);

    const chosen = await preferTrees(onnx, session);

    expect(chosen).not.toBe(session);
  });
});

describe('a model file', () => {
  it('holds the model without loss', () => {
    const { model, fitted } = train(makeFastSettings('classification'));

    expect(writeTreeEnsemble(model)).toEqual(writeTreeEnsemble(fitted));
  });
});

describe.each(['classification', 'regression'] as const)('exporting a %s', (task) => {
  it('gives the same digest for the same rows and seed, and another for another seed', async () => {
    const exports = [1, 1, 2].map((seed) => train(makeFastSettings(task, seed)));

    const files = await Promise.all(
      exports.map(({ model, fitting, holdOut }) => exportModel(model, fitting.table, holdOut.table)),
    );

    const [first, second, third] = files.map((exported) => digest(exported.files['model.onnx']));
    expect(second).toBe(first);
    expect(third).not.toBe(first);
  });

  it('answers as the trainer does, for every row of the hold-out', async () => {
    const { model, fitting, holdOut } = train(makeFastSettings(task));

    const { files, rowsCompared, maxDifference } = await exportModel(model, fitting.table, holdOut.table);

    expect(rowsCompared).toBe(holdOut.table.rows);
    expect(maxDifference).toBeLessThan(1e-5);
    const session = await createOrtSession(files['model.onnx']!);
    const served = new ServedModel(parseSignature(parse(files['signature.json'])), session);
    const scores = await scoreTable(served, holdOut.table, model.objective);
    expect(scores[7]).toBeCloseTo(predict(model, holdOut.table)[7]!, 5);
  });

  it('comes with an example and a baseline of features, predictions and importances', async () => {
    const { model, fitting, holdOut } = train(makeFastSettings(task));

    const { files } = await exportModel(model, fitting.table, holdOut.table);

    const example = parse(files['example.json']) as { inputs: { dataframe_split: { data: unknown[] } } };
    expect(example.inputs.dataframe_split.data).toHaveLength(5);
    expect(example).toMatchObject({ outputs: expect.any(Array), tolerance: 1e-4 });
    const profile = parse(files['profile.json']) as Profile;
    expect(profile.columns.map(({ name }) => name)).toEqual(['hour', 'distance', 'wind', 'carrier']);
    expect(profile.rows).toBe(fitting.table.rows);
    expect(profile.prediction).toMatchObject({ kind: 'numeric', rows: holdOut.table.rows });
    expect(profile.score === undefined).toBe(task === 'regression');
    const importances = profile.columns.map(({ importance = 0 }) => importance);
    expect(importances.reduce((sum, share) => sum + share)).toBeCloseTo(1, 6);
  });
});

describe('an export that differs', () => {
  it('is refused', async () => {
    const { model, fitting, holdOut } = train(makeFastSettings('regression'));
    // What the trainer says and what is written no longer agree.
    const broken = { ...model, baseScore: Number.NaN };

    const exported = exportModel(broken, fitting.table, holdOut.table);

    await expect(exported).rejects.toThrow(ExportMismatchError);
  });
});
