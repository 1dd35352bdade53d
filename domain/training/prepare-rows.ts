import { RefusedError } from '../shared/domain-error.ts';
import { getColumn, type Table } from '../shared/table.ts';
import type { Objective } from './gbdt/model.ts';
import type { LabelledRows } from './gbdt/watch-validation.ts';
import type { TargetSpec } from './label-rows.ts';
import { labelRows } from './label-rows.ts';
import type { PipelineInput } from './pipeline-contract.ts';
import { takeRows } from './run-trial.ts';
import { type SplitPolicy, splitByTime } from './split-by-time.ts';

/** Rows as the steps after the split read them: in time order, those without a label left out. */
export interface PreparedRows {
  readonly objective: Objective;
  readonly features: readonly string[];
  /** Rows for training, then rows for validation; features only. */
  readonly fitting: LabelledRows;
  /** How many of the fitting rows are for training. */
  readonly trainingRows: number;
  /** Every column but label and time: slices and the champion may need more than the features. */
  readonly holdOut: LabelledRows;
  readonly validationFrom: number;
  readonly holdOutFrom: number;
}

export function objectiveOf({ task }: Pick<PipelineInput, 'task'>): Objective {
  return task === 'classification' ? 'binary' : 'regression';
}

export function targetSpecOf(settings: PipelineInput): TargetSpec {
  const { column, positive } = settings.label;
  const objective = objectiveOf(settings);
  return objective === 'binary' && positive !== undefined
    ? { column, objective, positive }
    : { column, objective };
}

/** What the model learns from: the pipeline's list, or every column but label and times. */
export function chooseFeatures(
  { features, label, timeColumn }: Pick<PipelineInput, 'features' | 'label' | 'timeColumn'>,
  columns: readonly { readonly name: string; readonly kind: string }[],
): string[] {
  if (features !== null) return [...features];
  return columns
    .filter(({ name, kind }) => kind !== 'time' && name !== label.column && name !== timeColumn)
    .map(({ name }) => name);
}

/**
 * Cuts a dataset version into what is fitted and what is held out.
 *
 * @throws InvalidInputError, NotFoundError, RefusedError when label, time or a feature cannot be read so
 */
export function prepareRows(
  table: Table,
  settings: PipelineInput,
  columns: readonly { readonly name: string; readonly kind: string }[],
): PreparedRows {
  const features = chooseFeatures(settings, columns);
  if (features.length === 0) throw new RefusedError('There is no column to learn from.');
  const rows = labelRows(table, targetSpecOf(settings));
  const split = splitByTime(timesOf(rows.table, settings.timeColumn), toSplitPolicy(settings.split));
  const fittingOrder = new Uint32Array(split.training.length + split.validation.length);
  fittingOrder.set(split.training);
  fittingOrder.set(split.validation, split.training.length);
  const learned = { table: pickColumns(rows.table, features), target: rows.target };
  const others = Object.keys(rows.table.columns).filter(
    (name) => name !== settings.label.column && name !== settings.timeColumn,
  );
  return {
    objective: objectiveOf(settings),
    features,
    fitting: takeRows(learned, fittingOrder),
    trainingRows: split.training.length,
    holdOut: takeRows({ table: pickColumns(rows.table, others), target: rows.target }, split.holdOut),
    validationFrom: split.validationFrom,
    holdOutFrom: split.holdOutFrom,
  };
}

/** A table of some of the columns. */
export function pickColumns(table: Table, names: readonly string[]): Table {
  return {
    rows: table.rows,
    columns: Object.fromEntries(names.map((name) => [name, getColumn(table, name)])),
  };
}

function timesOf(table: Table, name: string): Float64Array {
  const column = getColumn(table, name);
  // Times of files without a type for them come as text.
  if (column.kind === 'numeric') return column.values;
  const times = column.dictionary.map((text) => Date.parse(text));
  return Float64Array.from(column.codes, (code) => times[code] ?? Number.NaN);
}

function toSplitPolicy(split: PipelineInput['split']): SplitPolicy {
  if ('validationShare' in split) return split;
  return { validationFrom: Date.parse(split.validationFrom), holdOutFrom: Date.parse(split.holdOutFrom) };
}
