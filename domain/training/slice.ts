import { type Column, getColumn, type Table } from '../shared/table.ts';

/** A group of rows that is looked at by itself. */
export interface Slice {
  readonly column: string;
  /** `SFO`, `(missing)`, or a range such as `500 … 1200`. */
  readonly label: string;
  readonly rows: Uint32Array;
}

export interface SlicePolicy {
  readonly columns: readonly string[];
  /** Smaller groups are left out: their metrics say little. */
  readonly minRows: number;
  /** Most groups of a column, the largest first. */
  readonly maxPerColumn: number;
}

/** 200 rows give an accuracy a standard error of 3.5 points at worst. */
export const DEFAULT_SLICES: SlicePolicy = { columns: [], minRows: 200, maxPerColumn: 20 };

/** Groups of a numeric column: quarters of its values. */
const NUMERIC_GROUPS = 4;

/** The groups of the table's rows: one for each category, quarters of a numeric column, missing values. */
export function sliceTable(table: Table, policy: SlicePolicy): Slice[] {
  return policy.columns.flatMap((name) => {
    const groups = groupRows(getColumn(table, name));
    return [...groups]
      .filter(([, rows]) => rows.length >= policy.minRows)
      .sort(([a, first], [b, second]) => second.length - first.length || (a < b ? -1 : 1))
      .slice(0, policy.maxPerColumn)
      .map(([label, rows]) => ({ column: name, label, rows: Uint32Array.from(rows) }));
  });
}

function groupRows(column: Column): Map<string, number[]> {
  const groups = new Map<string, number[]>();
  const labelOf =
    column.kind === 'category' ? categoryLabel(column.codes, column.dictionary) : quarterLabel(column.values);
  const rows = column.kind === 'category' ? column.codes.length : column.values.length;
  for (let row = 0; row < rows; row++) {
    const label = labelOf(row) ?? '(missing)';
    const group = groups.get(label);
    if (group === undefined) groups.set(label, [row]);
    else group.push(row);
  }
  return groups;
}

function categoryLabel(codes: Int32Array, dictionary: readonly string[]) {
  return (row: number): string | undefined => dictionary[codes[row]!];
}

function quarterLabel(values: Float64Array) {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort();
  const edges = Array.from(
    { length: NUMERIC_GROUPS + 1 },
    (_, k) => sorted[Math.round((k / NUMERIC_GROUPS) * (sorted.length - 1))]!,
  );
  return (row: number): string | undefined => {
    const value = values[row]!;
    if (Number.isNaN(value)) return undefined;
    let group = 1;
    while (group < NUMERIC_GROUPS && value > edges[group]!) group += 1;
    // Where many rows share a value, neighbouring edges coincide and the groups between them are empty.
    return `${edges[group - 1]} … ${edges[group]}`;
  };
}
