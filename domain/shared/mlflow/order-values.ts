/** The values of one order clause, as they are compared. */
export type Sortable = string | number | undefined;

export interface OrderColumn<T> {
  readonly read: (subject: T) => Sortable;
  readonly descending: boolean;
}

/** Compares texts by code points, as databases order UTF-8; JavaScript's `<` differs beyond U+FFFF. */
export function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  let at = 0;
  while (at < length && a.charCodeAt(at) === b.charCodeAt(at)) at += 1;
  if (at === length) return a.length - b.length;
  return rank(a.charCodeAt(at)) - rank(b.charCodeAt(at));
}

/** Surrogates stand for characters that come after all others. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}

/** Values, then NaN, then what is missing, whatever the direction. */
export function compareSortables(a: Sortable, b: Sortable, descending: boolean): number {
  const [left, right] = [placeOf(a), placeOf(b)];
  if (left !== right) return left - right;
  if (left > 0) return 0;
  const order =
    typeof a === 'string'
      ? compareTexts(a, b as string)
      : a === b
        ? 0
        : (a as number) < (b as number)
          ? -1
          : 1;
  return descending ? -order : order;
}

function placeOf(value: Sortable): number {
  if (value === undefined) return 2;
  return Number.isNaN(value) ? 1 : 0;
}

/** A comparison by one column after the other. */
export function compareBy<T>(columns: readonly OrderColumn<T>[]): (a: T, b: T) => number {
  return (a, b) => {
    for (const { read, descending } of columns) {
      const order = compareSortables(read(a), read(b), descending);
      if (order !== 0) return order;
    }
    return 0;
  };
}

/** The subjects in order; each column is read once per subject, not once per comparison. */
export function sortBy<T>(subjects: readonly T[], columns: readonly OrderColumn<T>[]): T[] {
  const rows = subjects.map((subject) => ({ subject, values: columns.map(({ read }) => read(subject)) }));
  const compare = compareBy<(typeof rows)[number]>(
    columns.map(({ descending }, at) => ({ read: ({ values }) => values[at], descending })),
  );
  return rows.sort(compare).map(({ subject }) => subject);
}
