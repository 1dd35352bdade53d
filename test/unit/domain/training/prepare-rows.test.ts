import { describe, expect, it } from 'vitest';
import { InvalidInputError, NotFoundError, RefusedError } from '../../../../domain/shared/domain-error.ts';
import { categoryColumn, numericColumn, type Table } from '../../../../domain/shared/table.ts';
import { chooseFeatures, prepareRows } from '../../../../domain/training/prepare-rows.ts';
import { readRowsFile, writeRowsFile } from '../../../../domain/training/rows-file.ts';
import { makeSettings } from '../../../support/training-world.ts';

const COLUMNS = [
  { name: 'at', kind: 'time' },
  { name: 'seenAt', kind: 'time' },
  { name: 'hour', kind: 'numeric' },
  { name: 'city', kind: 'category' },
  { name: 'left', kind: 'numeric' },
];

/** Ten rows, newest first; the last one, which is the oldest, has no label. */
function makeTable(): Table {
  const rows = 10;
  const count = Array.from({ length: rows }, (_, i) => i);
  return {
    rows,
    columns: {
      at: numericColumn(count.map((i) => 1000 - i)),
      seenAt: numericColumn(count),
      hour: numericColumn(count),
      city: categoryColumn(count.map((i) => (i % 2 === 0 ? 'Oslo' : null))),
      left: numericColumn(count.map((i) => (i === 9 ? null : i % 2))),
    },
  };
}

describe('choosing features', () => {
  it('takes every column but label and times, unless they are named', () => {
    const all = chooseFeatures(makeSettings(), COLUMNS);
    const named = chooseFeatures(makeSettings({ features: ['city'] }), COLUMNS);

    expect(all).toEqual(['hour', 'city']);
    expect(named).toEqual(['city']);
  });
});

describe('preparing rows', () => {
  it('puts them in time order, leaves out those without a label, and holds the newest out', () => {
    const settings = makeSettings({ split: { validationShare: 0.25, holdOutShare: 0.25 } });

    const prepared = prepareRows(makeTable(), settings, COLUMNS);

    const { fitting, trainingRows, holdOut } = prepared;
    expect([trainingRows, fitting.table.rows, holdOut.table.rows]).toEqual([5, 7, 2]);
    expect(fitting.table.columns.hour).toEqual(numericColumn([8, 7, 6, 5, 4, 3, 2]));
    expect([...holdOut.target]).toEqual([1, 0]);
    expect(Object.keys(fitting.table.columns)).toEqual(['hour', 'city']);
    expect(Object.keys(holdOut.table.columns)).toEqual(['seenAt', 'hour', 'city']);
  });

  it('cuts at instants when the pipeline names them', () => {
    const split = {
      validationFrom: new Date(995).toISOString(),
      holdOutFrom: new Date(999).toISOString(),
    };

    const prepared = prepareRows(makeTable(), makeSettings({ split }), COLUMNS);

    expect([prepared.trainingRows, prepared.holdOut.table.rows]).toEqual([3, 2]);
  });

  it('reads times that a file keeps as text', () => {
    const table = makeTable();
    const at = categoryColumn(Array.from({ length: 10 }, (_, i) => new Date(1e12 - i * 1000).toISOString()));

    const prepared = prepareRows({ ...table, columns: { ...table.columns, at } }, makeSettings(), COLUMNS);

    expect(prepared.holdOutFrom).toBe(1e12);
  });

  it('says what of the label, the time or a feature cannot be used', () => {
    const table = makeTable();
    const unlabelled = makeSettings({ label: { column: 'city' } });
    const absent = makeSettings({ features: ['rain'] });

    expect(() => prepareRows(table, unlabelled, COLUMNS)).toThrow(InvalidInputError);
    expect(() => prepareRows(table, absent, COLUMNS)).toThrow(NotFoundError);
    expect(() => prepareRows(table, makeSettings(), COLUMNS.slice(0, 2))).toThrow(RefusedError);
  });
});

describe('a file of rows', () => {
  it('gives back the very same arrays', () => {
    const { fitting } = prepareRows(makeTable(), makeSettings(), COLUMNS);

    const bytes = writeRowsFile({ rows: fitting, facts: { trainingRows: 6 } });
    const shifted = new Uint8Array(bytes.length + 1);
    shifted.set(bytes, 1);

    expect(readRowsFile(bytes)).toEqual({ rows: fitting, facts: { trainingRows: 6 } });
    expect(readRowsFile(shifted.subarray(1)).rows).toEqual(fitting);
  });

  it('is known by its first bytes', () => {
    expect(() => readRowsFile(new Uint8Array(16))).toThrow(InvalidInputError);
  });
});
