import { describe, expect, it } from 'vitest';
import { InvalidInputError } from '../../../../domain/shared/domain-error.ts';
import { categoryColumn, numericColumn } from '../../../../domain/shared/table.ts';
import { labelRows } from '../../../../domain/training/label-rows.ts';

const table = {
  rows: 4,
  columns: {
    late: numericColumn([1, null, 0, 1]),
    outcome: categoryColumn(['late', 'on time', null, 'late']),
    row: numericColumn([0, 1, 2, 3]),
  },
};

describe('labelRows', () => {
  it('leaves out rows whose target is unknown', () => {
    const { table: kept, target } = labelRows(table, { column: 'late', objective: 'binary' });

    expect([...target]).toEqual([1, 0, 1]);
    expect(kept.columns.row).toEqual(numericColumn([0, 2, 3]));
  });

  it('reads a value as class 1 where one is named', () => {
    const fromText = labelRows(table, { column: 'outcome', objective: 'binary', positive: 'late' });
    const fromNumber = labelRows(table, { column: 'row', objective: 'binary', positive: 2 });

    expect([...fromText.target]).toEqual([1, 0, 1]);
    expect([...fromNumber.target]).toEqual([0, 0, 1, 0]);
    expect(fromNumber.table).toBe(table);
  });

  it('refuses text for a regression, and text without a positive value', () => {
    expect(() => labelRows(table, { column: 'outcome', objective: 'regression' })).toThrow(InvalidInputError);
    expect(() => labelRows(table, { column: 'outcome', objective: 'binary' })).toThrow(InvalidInputError);
  });
});
