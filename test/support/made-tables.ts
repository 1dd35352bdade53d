import { type Column, categoryColumn, numericColumn, type Table } from '../../domain/shared/table.ts';

export type Random = () => number;

/** Mulberry32: the same numbers for a seed in every run. */
export function createRandom(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32 + 1e-12;
  };
}

export function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random());
}

/** A row of `makeTable`. */
export interface MadeRow {
  a: number;
  /** Correlates with `a` at 0.8. */
  b: number;
  /** 2 % are missing. */
  gaps: number | null;
  kind: string | null;
  /** Two values, the second in about a twentieth of the rows of other `a`. */
  side: string;
}

/** Rows of one steady world; `change` makes another one of it. */
export function makeTable(random: Random, rows: number, change: (row: MadeRow) => void = () => {}): Table {
  const made = Array.from({ length: rows }, () => {
    const a = normal(random);
    const row: MadeRow = {
      a,
      b: 0.8 * a + 0.6 * normal(random),
      gaps: random() < 0.02 ? null : 100 + 10 * normal(random),
      kind: `kind${Math.floor(random() * random() * 6)}`,
      side: a > 0.5 ? 'high' : 'low',
    };
    change(row);
    return row;
  });
  const columns: Record<string, Column> = {
    a: numericColumn(made.map((row) => row.a)),
    b: numericColumn(made.map((row) => row.b)),
    gaps: numericColumn(made.map((row) => row.gaps)),
    kind: categoryColumn(made.map((row) => row.kind)),
    side: categoryColumn(made.map((row) => row.side)),
  };
  return { rows, columns };
}
