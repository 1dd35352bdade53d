import { describe, expect, it } from 'vitest';
import { NotFoundError } from '../../../../domain/shared/domain-error.ts';
import {
  categoryColumn,
  cellOf,
  getColumn,
  numericColumn,
  selectRows,
} from '../../../../domain/shared/table.ts';

describe('Table', () => {
  const table = {
    rows: 3,
    columns: { delay: numericColumn([1, null, 3]), origin: categoryColumn(['SFO', 'JFK', null]) },
  };

  it('reads a missing value as null', () => {
    expect([0, 1, 2].map((row) => cellOf(table.columns.delay, row))).toEqual([1, null, 3]);
    expect([0, 1, 2].map((row) => cellOf(table.columns.origin, row))).toEqual(['SFO', 'JFK', null]);
  });

  it('encodes each distinct string once, in order of appearance', () => {
    const column = categoryColumn(['b', 'a', 'b', null]);

    expect(column.dictionary).toEqual(['b', 'a']);
    expect([...column.codes]).toEqual([0, 1, 0, -1]);
  });

  it('selects rows in the order asked for', () => {
    const selected = selectRows(table, Uint32Array.of(2, 0));

    expect(selected.rows).toBe(2);
    expect(cellOf(getColumn(selected, 'delay'), 0)).toBe(3);
    expect(cellOf(getColumn(selected, 'origin'), 1)).toBe('SFO');
  });

  it('refuses a column that is absent, also one named like a method of objects', () => {
    expect(() => getColumn(table, 'gate')).toThrow(NotFoundError);
    expect(() => getColumn(table, 'toString')).toThrow(NotFoundError);
  });
});
