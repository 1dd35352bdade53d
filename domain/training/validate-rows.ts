import type { Profile } from '../shared/profile/profile.ts';
import type { Table } from '../shared/table.ts';
import { DatasetRefusedError } from './errors.ts';
import type { PipelineInput } from './pipeline-contract.ts';
import { chooseFeatures } from './prepare-rows.ts';
import type { DatasetExpectations } from './validation/check-expectations.ts';
import type { Finding } from './validation/finding.ts';
import { validateDataset } from './validation/validate-dataset.ts';

export interface RowsToValidate {
  readonly table: Table;
  readonly columns: readonly { readonly name: string; readonly kind: string }[];
  /** Of the version that was there before; undefined when there is none. */
  readonly previous: Profile | undefined;
}

/** Findings on the columns that the pipeline uses; other columns may come and go. */
export function validateRows(
  { table, columns, previous }: RowsToValidate,
  settings: PipelineInput,
  nowMs: number,
): Finding[] {
  const features = chooseFeatures(settings, columns);
  const used = new Set([...features, settings.label.column]);
  const named = new Set([...used, settings.timeColumn, ...settings.slices.columns]);
  const { compareWithPrevious } = settings.expectations;
  const comparable =
    previous === undefined || !compareWithPrevious
      ? undefined
      : { ...previous, columns: previous.columns.filter(({ name }) => used.has(name)) };
  const checked = validateDataset(table, toExpectations(settings), nowMs, comparable);
  const told = new Set(checked.map(({ code, column }) => `${code} ${column}`));
  const absent = checkPresence(table, named).filter(({ code, column }) => !told.has(`${code} ${column}`));
  return [...absent, ...checked];
}

function toExpectations({ expectations, timeColumn }: PipelineInput): DatasetExpectations {
  const { columns, minRows, maxAgeHours } = expectations;
  return {
    columns: columns.map((column) => dropUndefined(column)),
    ...(minRows === undefined ? {} : { minRows }),
    ...(maxAgeHours === undefined ? {} : { freshness: { timeColumn, maxAgeHours } }),
  };
}

/** Zod types an absent property as undefined, which the validation's own types do not take. */
function dropUndefined<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const entries = Object.entries(value).filter(([, part]) => part !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]: Exclude<T[K], undefined> };
}

function checkPresence({ columns }: Table, names: ReadonlySet<string>): Finding[] {
  return [...names]
    .filter((name) => !Object.hasOwn(columns, name))
    .map((column) => ({
      code: 'MISSING_COLUMN',
      severity: 'error',
      column,
      message: `'${column}' is absent.`,
    }));
}

/** @throws DatasetRefusedError naming every error among the findings */
export function requireUsable(findings: readonly Finding[], dataset: string, version: number): void {
  const errors = findings.filter(({ severity }) => severity === 'error').map(({ message }) => message);
  if (errors.length === 0) return;
  throw new DatasetRefusedError(
    [`Version ${version} of '${dataset}' must not be trained on:`, ...errors].join('\n'),
    errors,
  );
}
