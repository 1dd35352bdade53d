import { describe, expect, it } from 'vitest';
import { addRows } from '../../../../../domain/monitoring/add-rows.ts';
import { addTable } from '../../../../../domain/monitoring/add-table.ts';
import { assessQuality } from '../../../../../domain/monitoring/quality/assess-quality.ts';
import { createSketch } from '../../../../../domain/monitoring/sketch.ts';
import { buildProfile } from '../../../../../domain/shared/profile/build-profile.ts';
import { numericColumn, type Table } from '../../../../../domain/shared/table.ts';
import { createRandom, type MadeRow, makeTable, normal } from '../../../../support/made-tables.ts';

const PROFILE = buildProfile(makeTable(createRandom(1), 5000));

function assess(rows: number, change: (row: MadeRow, random: () => number) => void = () => {}) {
  const random = createRandom(2);
  const sketch = createSketch(PROFILE);
  addTable(
    sketch,
    makeTable(random, rows, (row) => change(row, random)),
  );
  return assessQuality(sketch);
}

describe('assessQuality', () => {
  it.each([30, 200, 5000])('is content with %i rows of the same world', (rows) => {
    expect(assess(rows)).toMatchObject({ status: 'OK', rows, violations: [] });
  });

  it('says nothing about a handful of rows', () => {
    expect(assess(10).status).toBe('INSUFFICIENT_DATA');
  });

  it.each<[string, (row: MadeRow, random: () => number) => void, object]>([
    [
      'missing values',
      (row, random) => {
        if (random() < 0.2) row.gaps = null;
      },
      { column: 'gaps', check: 'missing' },
    ],
    [
      'unseen categories',
      (row, random) => {
        if (random() < 0.05) row.kind = 'alien';
      },
      { column: 'kind', check: 'categories' },
    ],
    [
      'values out of range',
      (row, random) => {
        if (random() < 0.05) row.a += 40;
      },
      { column: 'a', check: 'range' },
    ],
    [
      'a stuck sensor',
      (row) => {
        row.gaps = 97;
      },
      { column: 'gaps', check: 'constant' },
    ],
  ])('finds %s', (_, change, violation) => {
    const report = assess(500, change);

    expect(report.status).toBe('VIOLATED');
    expect(report.violations).toEqual([expect.objectContaining(violation)]);
    expect(report.violations[0]!.value).toBeGreaterThanOrEqual(report.violations[0]!.limit);
  });

  it('finds values of the wrong type', () => {
    const sketch = createSketch(PROFILE);
    addRows(
      sketch,
      Array.from({ length: 100 }, (_, i) => [
        i % 10 === 0 ? 'n/a' : 0.1 * (i % 7),
        0.1 * (i % 5),
        100 + (i % 9),
        'kind0',
        'low',
      ]),
    );

    const found = assessQuality(sketch).violations.map(({ column, check }) => `${column} ${check}`);

    expect(found).toEqual(['a type']);
  });

  it('does not miss what is not captured', () => {
    const sketch = createSketch(PROFILE);
    addTable(
      sketch,
      makeTable(createRandom(4), 200, (row) => {
        row.gaps = null;
      }),
    );

    expect(assessQuality(sketch).status).toBe('VIOLATED');
    expect(assessQuality(sketch, { ignore: ['gaps'] }).status).toBe('OK');
  });

  it('lets one odd row pass', () => {
    let first = true;

    const report = assess(40, (row) => {
      if (first) row.a = 1e6;
      first = false;
    });

    expect(report.status).toBe('OK');
  });
});

describe('a change of unit', () => {
  const random = createRandom(3);
  const made = (rows: number, of: () => number): Table => ({
    rows,
    columns: { x: numericColumn(Array.from({ length: rows }, of)) },
  });
  const celsius = () => 15 + 8 * normal(random);
  const price = () => Math.exp(3 + 0.6 * normal(random));
  const assessUnit = (reference: () => number, current: () => number) => {
    const sketch = createSketch(buildProfile(made(3000, reference)));
    addTable(sketch, made(300, current));
    return assessQuality(sketch).violations;
  };

  it.each<[string, () => number, () => number, string]>([
    ['times 1000', price, () => price() * 1000, 'times 1000'],
    ['divided by 1000', price, () => price() / 1000, 'divided by 1000'],
    ['cents', price, () => price() * 100, 'times 100'],
    ['Fahrenheit', celsius, () => celsius() * 1.8 + 32, 'in Fahrenheit instead of Celsius'],
    ['Celsius', () => celsius() * 1.8 + 32, celsius, 'in Celsius instead of Fahrenheit'],
  ])('to %s is recognised by its shape', (_, reference, current, description) => {
    const violations = assessUnit(reference, current);

    expect(violations).toHaveLength(1);
    expect(violations[0]).toMatchObject({ check: 'unit' });
    expect(violations[0]!.message).toContain(description);
  });

  it('to kilometres is seen in distances, and not in delays that doubled on a bad day', () => {
    const miles = () => 200 + 2000 * random();
    const delay = () => 10 + 15 * normal(random);

    expect(assessUnit(miles, () => miles() * 1.609344)[0]?.message).toContain(
      'in kilometres instead of miles',
    );
    expect(assessUnit(delay, () => delay() * 1.609344).map(({ check }) => check)).not.toContain('unit');
  });

  it('is not seen in a shift, however large', () => {
    const violations = assessUnit(celsius, () => celsius() + 100);

    expect(violations.map(({ check }) => check)).toEqual(['range']);
  });
});
