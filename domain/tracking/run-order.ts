import { InvalidParameterError } from './errors.ts';
import { type Field, findField } from './match-run.ts';
import type { Run } from './run.ts';

interface Order {
  readonly field: Field;
  readonly descending: boolean;
}

export interface RunOrder {
  readonly compare: (a: Run, b: Run) => number;
  /** Start time descending, then run id: the order of the keys. */
  readonly isDefault: boolean;
}

export function parseRunOrder(orderBy: readonly string[]): RunOrder {
  const orders = orderBy.map(parseOrder);
  return { compare: (a, b) => compareRuns(a, b, orders), isDefault: orders.length === 0 };
}

export function sortRuns(runs: readonly Run[], { compare }: RunOrder): Run[] {
  return [...runs].sort(compare);
}

/** The given orders, then newest first, then run id: ties must not move between pages. */
function compareRuns(a: Run, b: Run, orders: readonly Order[]): number {
  for (const { field, descending } of orders) {
    const order = compareValues(field.read(a), field.read(b), descending);
    if (order !== 0) return order;
  }
  return b.startTime - a.startTime || (a.runId < b.runId ? -1 : a.runId > b.runId ? 1 : 0);
}

/** Values, then NaN, then missing, in both directions. */
function compareValues(
  a: string | number | undefined,
  b: string | number | undefined,
  descending: boolean,
): number {
  const rank = (value: string | number | undefined) =>
    value === undefined ? 2 : Number.isNaN(value) ? 1 : 0;
  if (rank(a) !== rank(b)) return rank(a) - rank(b);
  if (rank(a) > 0 || a === b) return 0;
  const order = (a as string | number) < (b as string | number) ? -1 : 1;
  return descending ? -order : order;
}

function parseOrder(clause: string): Order {
  const parts = /^\s*(?:([A-Za-z_]+)\.)?(`[^`]+`|"[^"]+"|[^\s`"]+)(?:\s+(asc|desc))?\s*$/i.exec(clause);
  if (parts === null) throw new InvalidParameterError(`Invalid order_by clause '${clause}'`);
  const key = (parts[2] as string).replace(/^(["`])(.*)\1$/s, '$2');
  return {
    field: findField(parts[1]?.toLowerCase() ?? 'attribute', key),
    descending: parts[3]?.toLowerCase() === 'desc',
  };
}
