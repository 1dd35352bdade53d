import { describe, expect, it } from 'vitest';
import { buildProfile } from '../../../../../domain/shared/profile/build-profile.ts';
import {
  type Column,
  categoryColumn,
  numericColumn,
  type Table,
} from '../../../../../domain/shared/table.ts';
import { makeRandom } from '../../../../../domain/training/random.ts';
import type { DatasetExpectations } from '../../../../../domain/training/validation/check-expectations.ts';
import { hasErrors } from '../../../../../domain/training/validation/finding.ts';
import { validateDataset } from '../../../../../domain/training/validation/validate-dataset.ts';

const HOUR = 3_600_000;
const NOW = Date.UTC(2001, 5, 1);
const ROWS = 5000;

function makeTable(seed: number, changes: Record<string, Column | undefined> = {}, rows = ROWS): Table {
  const random = makeRandom(seed);
  const repeat = <T>(make: (row: number) => T) => Array.from({ length: rows }, (_, row) => make(row));
  const columns: Record<string, Column | undefined> = {
    distance: numericColumn(repeat(() => Math.round(100 + 2400 * random.uniform() ** 2))),
    wind: numericColumn(repeat(() => (random.uniform() < 0.05 ? null : random.uniform() * 20 - 10))),
    origin: categoryColumn(repeat(() => ['SFO', 'JFK', 'ORD', null][random.below(4)]!)),
    time: numericColumn(repeat((row) => NOW - (rows - row) * 1000)),
    ...changes,
  };
  const kept = Object.entries(columns).filter((entry): entry is [string, Column] => entry[1] !== undefined);
  return { rows, columns: Object.fromEntries(kept) };
}

function mapNumbers(table: Table, name: string, change: (value: number) => number): Column {
  const column = table.columns[name]!;
  if (column.kind !== 'numeric') throw new TypeError(name);
  return { kind: 'numeric', values: column.values.map(change) };
}

const expectations: DatasetExpectations = {
  columns: [
    { name: 'distance', kind: 'numeric', min: 0, max: 10_000, maxMissingShare: 0 },
    { name: 'wind', kind: 'numeric', maxMissingShare: 0.2 },
    { name: 'origin', kind: 'category', values: ['SFO', 'JFK', 'ORD'] },
  ],
  minRows: 100,
  freshness: { timeColumn: 'time', maxAgeHours: 24 },
};
const profiled = ['distance', 'wind', 'origin'];
const previous = buildProfile(makeTable(1), { columns: profiled });

function find(table: Table) {
  return validateDataset(table, expectations, NOW, previous).map(
    ({ severity, code, column }) => `${severity} ${code} ${column ?? '-'}`,
  );
}

describe('validateDataset', () => {
  it('has nothing to say about rows like those before', () => {
    for (let seed = 2; seed < 12; seed++) expect(find(makeTable(seed))).toEqual([]);
  });

  it('takes a first version without a previous one', () => {
    expect(validateDataset(makeTable(2), expectations, NOW)).toEqual([]);
  });

  it.each<[string, Table, string[]]>([
    [
      'an absent column',
      makeTable(2, { wind: undefined }),
      ['error MISSING_COLUMN wind', 'error MISSING_COLUMN wind'],
    ],
    [
      'a column of another kind',
      makeTable(2, { wind: categoryColumn(new Array<string>(ROWS).fill('calm')) }),
      ['error WRONG_TYPE wind', 'error WRONG_TYPE wind'],
    ],
    [
      'a field that is no longer filled',
      makeTable(2, {
        wind: numericColumn(Array.from({ length: ROWS }, (_, i) => (i % 2 ? null : (i % 200) / 10 - 10))),
      }),
      ['error TOO_MANY_MISSING wind', 'error MISSING_RATE_ROSE wind'],
    ],
    [
      'impossible numbers, also few of them',
      makeTable(2, { distance: mapNumbers(makeTable(2), 'distance', (value) => (value < 101 ? -1 : value)) }),
      ['error OUT_OF_RANGE distance'],
    ],
    [
      'values that are not listed',
      makeTable(2, {
        origin: categoryColumn(Array.from({ length: ROWS }, (_, i) => (i % 3 ? 'SFO' : 'XXX'))),
      }),
      ['error UNKNOWN_VALUES origin', 'error NEW_CATEGORIES origin'],
    ],
    [
      'a unit that changed',
      makeTable(2, { distance: mapNumbers(makeTable(2), 'distance', (value) => value * 1.609) }),
      ['error SCALE_CHANGED distance'],
    ],
    [
      'a mean far from before',
      makeTable(2, { wind: mapNumbers(makeTable(2), 'wind', (value) => Math.min(9.9, value + 12)) }),
      ['error MEAN_SHIFTED wind'],
    ],
    [
      'a range that was left',
      makeTable(2, {
        wind: mapNumbers(makeTable(2), 'wind', (value) => (Math.abs(value) > 9.5 ? value * 1.2 : value)),
      }),
      ['warning LEFT_PREVIOUS_RANGE wind'],
    ],
    [
      'rows from the future',
      makeTable(2, { time: mapNumbers(makeTable(2), 'time', (value) => value + 2 * HOUR) }),
      ['error FUTURE_ROWS time'],
    ],
    [
      'rows that are too old',
      makeTable(2, { time: mapNumbers(makeTable(2), 'time', (value) => value - 48 * HOUR) }),
      ['error STALE time'],
    ],
    ['rows without a time', makeTable(2, { time: undefined }), ['error MISSING_COLUMN time']],
    ['a load that broke off', makeTable(2, {}, 2000), ['warning ROWS_DROPPED -']],
    ['hardly any rows', makeTable(2, {}, 10), ['error TOO_FEW_ROWS -', 'warning ROWS_DROPPED -']],
  ])('finds %s', (_case, table, expected) => {
    const found = find(table);

    expect(found).toEqual(expect.arrayContaining(expected));
    expect(found.filter((finding) => finding.startsWith('error')).length).toBe(
      expected.filter((finding) => finding.startsWith('error')).length,
    );
  });

  it('puts errors first and says numbers in its sentences', () => {
    const findings = validateDataset(makeTable(2, {}, 10), expectations, NOW, previous);

    expect(hasErrors(findings)).toBe(true);
    expect(findings[0]?.message).toBe('There are 10 rows, at least 100 are asked.');
  });

  it('judges nothing by a time column that is empty', () => {
    const found = find(makeTable(2, { time: numericColumn(new Array<null>(ROWS).fill(null)) }));

    expect(found).toEqual([]);
  });
});
