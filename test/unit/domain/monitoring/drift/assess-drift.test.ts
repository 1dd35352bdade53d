import { describe, expect, it } from 'vitest';
import { addTable } from '../../../../../domain/monitoring/add-table.ts';
import { compareTables } from '../../../../../domain/monitoring/compare-tables.ts';
import { type AssessDriftOptions, assessDrift } from '../../../../../domain/monitoring/drift/assess-drift.ts';
import type { ColumnDrift, DriftReport } from '../../../../../domain/monitoring/drift/drift-report.ts';
import { createSketch } from '../../../../../domain/monitoring/sketch.ts';
import {
  type BuildProfileOptions,
  buildProfile,
} from '../../../../../domain/shared/profile/build-profile.ts';
import { categoryColumn, numericColumn, type Table } from '../../../../../domain/shared/table.ts';
import { createRandom, type MadeRow, makeTable, normal } from '../../../../support/made-tables.ts';

const REFERENCE = makeTable(createRandom(10), 5000);

function assess(
  current: Table,
  options: BuildProfileOptions & AssessDriftOptions = {},
  reference = REFERENCE,
): DriftReport {
  const sketch = createSketch(buildProfile(reference, options));
  addTable(sketch, current, { prediction: options.predictionColumn ?? '', score: options.scoreColumn ?? '' });
  return assessDrift(sketch, options);
}

function column(report: DriftReport, name: string): ColumnDrift {
  return report.columns.find((found) => found.column === name)!;
}

describe('assessDrift without drift', () => {
  it.each([50, 200, 1000])('is silent over windows of %i rows', (rows) => {
    const random = createRandom(rows);
    const profile = buildProfile(REFERENCE);

    for (let window = 0; window < 60; window++) {
      const sketch = createSketch(profile);
      addTable(sketch, makeTable(random, rows));
      expect(assessDrift(sketch).verdict).toBe('NONE');
    }
  });

  it('reports both sides and statistics with their error bounds', () => {
    const report = assess(makeTable(createRandom(11), 1000));

    expect(report.rows).toEqual({ reference: 5000, current: 1000 });
    const a = column(report, 'a');
    expect(a.reference).toMatchObject({ rows: 5000, missing: 0, missingRate: 0 });
    expect(a.current.mean).toBeCloseTo(0, 0);
    expect(a.statistics.psi).toBeLessThan(0.05);
    expect(a.errors!.ks).toBeGreaterThan(0);
    expect(a.psiThreshold).toBe(0.1);
    expect(a.reasons).toEqual([]);
    expect(report.joint.largest).not.toBeNull();
  });

  it('wants more of a small window', () => {
    const small = column(assess(makeTable(createRandom(12), 60)), 'a');

    expect(small.psiThreshold).toBeGreaterThan(0.3);
  });

  it('does not take values seen once for drift', () => {
    const random = createRandom(13);
    const ids = (rows: number): Table => ({
      rows,
      columns: { id: categoryColumn(Array.from({ length: rows }, () => `id${Math.floor(random() * 1e9)}`)) },
    });

    const report = assess(ids(1000), {}, ids(5000));

    expect(report.verdict).toBe('NONE');
  });

  it('says nothing about fewer than thirty rows', () => {
    const report = assess(makeTable(createRandom(14), 29));

    expect(report.verdict).toBe('INSUFFICIENT_DATA');
    expect(column(report, 'a').reasons[0]).toContain('needs 30');
    expect(report.joint.verdict).toBe('INSUFFICIENT_DATA');
  });
});

describe('assessDrift finds, in a thousand rows,', () => {
  const find = (change: (row: MadeRow, random: () => number) => void, rows = 1000) => {
    const random = createRandom(20);
    return assess(makeTable(random, rows, (row) => change(row, random)));
  };

  it('a mean that moved by 0.3 standard deviations', () => {
    const report = find((row) => {
      row.a += 0.3;
    });

    expect(column(report, 'a').verdict).toBe('MODERATE');
    expect(column(report, 'a').reasons[0]).toMatch(
      /moved up \(mean rank 0\.5 → 0\.5\d+\): PSI .* \(p \de-\d+\)/,
    );
    expect(report.verdict).not.toBe('NONE');
  });

  it('a spread that doubled', () => {
    const report = find((row) => {
      row.a *= 2;
    });

    expect(column(report, 'a').verdict).not.toBe('NONE');
    expect(column(report, 'a').reasons[0]).toContain('changed their shape');
  });

  it('a category of 3 % that is new', () => {
    const report = find((row, random) => {
      if (random() < 0.03) row.kind = 'drone';
    });

    expect(column(report, 'kind').tests.find(({ test }) => test === 'newCategories')!.verdict).toBe(
      'MODERATE',
    );
    expect(column(report, 'kind').reasons.join()).toContain("'drone'");
  });

  it('a category that is gone', () => {
    const report = find((row) => {
      if (row.kind === 'kind0') row.kind = 'kind1';
    });

    expect(column(report, 'kind').verdict).toBe('SEVERE');
    expect(column(report, 'kind').reasons.join()).toContain("The share of 'kind0' went from");
  });

  it('one row in a hundred that is fifty times too large', () => {
    const report = find((row, random) => {
      if (random() < 0.01) row.a *= 50;
    });

    expect(column(report, 'a').tests.find(({ test }) => test === 'tails')!.verdict).not.toBe('NONE');
    expect(column(report, 'a').reasons.join()).toContain("outside the reference's range");
  });

  it('columns that no longer move together', () => {
    const random = createRandom(21);
    const report = find((row) => {
      row.b = normal(random);
    });

    expect(report.joint.verdict).toBe('SEVERE');
    expect(report.joint.largest!.columns).toContain('b');
    expect(report.columns.every(({ verdict }) => verdict === 'NONE')).toBe(true);
    expect(report.verdict).toBe('SEVERE');
  });

  it('in two hundred, values that go missing', () => {
    const report = find((row, random) => {
      if (random() < 0.13) row.gaps = null;
    }, 200);

    expect(column(report, 'gaps').tests.find(({ test }) => test === 'missing')!.verdict).not.toBe('NONE');
    expect(column(report, 'gaps').reasons.join()).toContain('share of missing values went from');
  });

  it('in sixty, a category that took over', () => {
    const report = find((row) => {
      row.kind = 'kind4';
    }, 60);

    expect(column(report, 'kind').verdict).toBe('SEVERE');
  });

  it('a column that is absent', () => {
    const { a: _, ...columns } = makeTable(createRandom(22), 1000).columns;

    const report = assess({ rows: 1000, columns });

    expect(column(report, 'a').verdict).toBe('SEVERE');
    expect(column(report, 'a').statistics).toEqual({});
    expect(column(report, 'a').current.mean).toBeNull();
  });

  it('a column of one value that takes another', () => {
    const constant = (rows: number, share: number): Table => ({
      rows,
      columns: { flag: numericColumn(Array.from({ length: rows }, (_, i) => Number(i % 100 < share))) },
    });

    const report = assess(constant(1000, 60), {}, constant(5000, 98));

    expect(column(report, 'flag').verdict).toBe('SEVERE');
  });
});

it('assessDrift does not speak of features that are not captured', () => {
  const dropped = makeTable(createRandom(23), 1000, (row) => {
    row.a = Number.NaN;
  });

  const report = assess(dropped, { ignore: ['a'] });

  expect(report.verdict).toBe('NONE');
  expect(report.columns.map(({ column: name }) => name)).not.toContain('a');
  expect(assess(dropped).verdict).not.toBe('NONE');
  const pair = { columns: ['a', 'b'], ignore: ['a'] };
  expect(assess(dropped, pair).joint.verdict).toBe('INSUFFICIENT_DATA');
});

describe('the whole window', () => {
  const shifted = makeTable(createRandom(30), 1000, (row) => {
    row.gaps = row.gaps === null ? null : row.gaps + 20;
  });

  it('is MODERATE when the column that broke decides little', () => {
    const report = assess(shifted, { importances: { a: 0.5, b: 0.45, gaps: 0.05 } });

    expect(column(report, 'gaps').verdict).toBe('SEVERE');
    expect(report.verdict).toBe('MODERATE');
    expect(report.reasons[0]).toBe('1 of 3 features drift, with 5 % of the importance.');
  });

  it('is SEVERE when it decides much', () => {
    expect(assess(shifted, { importances: { a: 0.5, gaps: 0.5 } }).verdict).toBe('SEVERE');
  });

  it('does not care for a column that decides nothing', () => {
    expect(assess(shifted, { importances: { a: 1 } }).verdict).toBe('NONE');
  });

  it('takes what the model answers as it is', () => {
    const outputs = { columns: ['a'], predictionColumn: 'side', scoreColumn: 'gaps' };
    const answered = assess(shifted, outputs);
    const turned = assess(
      makeTable(createRandom(31), 1000, (row) => {
        row.side = 'low';
      }),
      outputs,
    );

    expect(column(answered, 'gaps').role).toBe('score');
    expect(answered.verdict).toBe('SEVERE');
    expect(column(turned, 'side').role).toBe('prediction');
    expect(turned.verdict).toBe('SEVERE');
  });
});

describe('rows of one hour that share their weather', () => {
  const random = createRandom(40);
  const hour = (rows: number) => {
    const weather = normal(random);
    return Array.from({ length: rows }, () => ({
      x: weather + 2 * normal(random),
      gap: random() < 0.05 + 0.04 * Math.sin(weather),
      kind: `kind${Math.floor(Math.min(4, Math.max(0, 2 + weather + normal(random))))}`,
    }));
  };
  const toTable = (rows: ReturnType<typeof hour>): Table => ({
    rows: rows.length,
    columns: {
      x: numericColumn(rows.map(({ x, gap }) => (gap ? null : x))),
      kind: categoryColumn(rows.map(({ kind }) => kind)),
      flag: numericColumn(rows.map(({ x }) => (x > 4 ? 1 : 0))),
    },
  });
  const reference = toTable(Array.from({ length: 40 }, () => hour(200)).flat());

  it('raise no alarm when the reference knows its hours', () => {
    const profile = buildProfile(reference, { windowRows: 200 });
    let alarms = 0;
    for (let window = 0; window < 100; window++) {
      const sketch = createSketch(profile);
      addTable(sketch, toTable(hour(200)));
      if (assessDrift(sketch).verdict !== 'NONE') alarms++;
    }

    expect(alarms).toBeLessThanOrEqual(1);
  });

  it('raise many when it does not', () => {
    const profile = buildProfile(reference, { spread: 'none' });
    let alarms = 0;
    for (let window = 0; window < 100; window++) {
      const sketch = createSketch(profile);
      addTable(sketch, toTable(hour(200)));
      if (assessDrift(sketch).verdict !== 'NONE') alarms++;
    }

    expect(alarms).toBeGreaterThan(30);
  });
});

describe('compareTables', () => {
  it('has the exact statistics and the verdicts of the sketch', () => {
    const current = makeTable(createRandom(50), 800, (row) => {
      row.a += 0.5;
    });

    const exact = compareTables(REFERENCE, current);
    const sketched = assess(current, { windowRows: 800 });

    expect(exact.verdict).toBe(sketched.verdict);
    exact.columns.forEach((found, i) => {
      const binned = sketched.columns[i]!;
      expect(found.verdict).toBe(binned.verdict);
      expect(found.errors).toBeUndefined();
      expect(found.statistics.psi).toBeCloseTo(binned.statistics.psi!, 9);
      expect(found.statistics.chi2).toBeCloseTo(binned.statistics.chi2!, 6);
      if (found.kind === 'categorical') return;
      expect(Math.abs(found.statistics.ks! - binned.statistics.ks!)).toBeLessThanOrEqual(binned.errors!.ks!);
      const distance = Math.abs(found.statistics.wasserstein! - binned.statistics.wasserstein!);
      expect(distance).toBeLessThanOrEqual(binned.errors!.wasserstein!);
    });
  });

  it('leaves the time column out', () => {
    const timed = (table: Table): Table => ({
      rows: table.rows,
      columns: { ...table.columns, at: numericColumn(Array.from({ length: table.rows }, (_, i) => i)) },
    });

    const report = compareTables(timed(REFERENCE), timed(makeTable(createRandom(51), 200)), {
      timeColumn: 'at',
    });

    expect(report.columns.map(({ column: name }) => name)).toEqual(['a', 'b', 'gaps', 'kind', 'side']);
  });
});
