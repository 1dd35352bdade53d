import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NotFoundError } from '../../../../../domain/shared/domain-error.ts';
import { createBinLookup, findBin } from '../../../../../domain/shared/profile/bin-lookup.ts';
import { buildProfile } from '../../../../../domain/shared/profile/build-profile.ts';
import type { CategoricalProfile, NumericProfile } from '../../../../../domain/shared/profile/profile.ts';
import { sortDoubles } from '../../../../../domain/shared/profile/sort-doubles.ts';
import { categoryColumn, numericColumn, type Table } from '../../../../../domain/shared/table.ts';
import { createRandom, makeTable, normal } from '../../../../support/made-tables.ts';

function profileNumbers(values: readonly (number | null)[]): NumericProfile {
  const table: Table = { rows: values.length, columns: { x: numericColumn(values) } };
  return buildProfile(table).columns[0] as NumericProfile;
}

describe('a numeric profile', () => {
  it('has the quantiles k/50 as edges and a fiftieth of the rows in each bin', () => {
    const profile = profileNumbers(Array.from({ length: 1001 }, (_, i) => i));

    expect(profile.edges).toHaveLength(49);
    expect(profile.edges[0]).toBeCloseTo(20, 9);
    expect(profile.deciles.map((position) => Math.round(profile.edges[position]!))).toEqual([
      100, 200, 300, 400, 500, 600, 700, 800, 900,
    ]);
    expect(profile.counts.reduce((sum, count) => sum + count, 0)).toBe(1001);
    expect(Math.max(...profile.counts)).toBeLessThanOrEqual(21);
  });

  it('describes moments, range and gaps', () => {
    const profile = profileNumbers([1, 2, null, 3, 4, Number.NaN, Number.POSITIVE_INFINITY]);

    expect(profile).toMatchObject({ rows: 7, missing: 3, min: 1, max: 4, mean: 2.5, integer: true });
    expect(profile.sd).toBeCloseTo(Math.sqrt(1.25), 12);
  });

  it('gives a value that holds nearly all rows a bin of its own', () => {
    const profile = profileNumbers([...new Array<number>(990).fill(1), ...new Array<number>(10).fill(0)]);

    expect(profile.edges).toEqual([0, 1]);
    expect(profile.counts).toEqual([10, 990, 0]);
    expect(profile.deciles).toEqual([1]);
  });

  it('of nothing is empty and still a profile', () => {
    const profile = profileNumbers([null, null]);

    expect(profile).toMatchObject({ rows: 2, missing: 2, min: null, mean: null, edges: [], counts: [0] });
  });

  it('keeps PSI edges that are exactly the deciles, whatever the values', () => {
    const values = fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(values, (numbers) => {
        const profile = profileNumbers(numbers);
        const edges = profile.deciles.map((position) => profile.edges[position]!);
        const sorted = numbers.toSorted((a, b) => a - b);
        const expected = new Set<number>();
        for (let k = 1; k < 10; k++) {
          const position = (sorted.length - 1) * (k / 10);
          const below = Math.floor(position);
          const upper = sorted[Math.min(below + 1, sorted.length - 1)]!;
          expected.add(sorted[below]! + (upper - sorted[below]!) * (position - below));
        }

        expect(edges.length).toBe(new Set([...expected].map((edge) => edge.toFixed(9))).size);
        expect(profile.edges.every((edge, i) => i === 0 || edge > profile.edges[i - 1]!)).toBe(true);
        expect(profile.edges.length).toBeLessThanOrEqual(49);
      }),
    );
  });
});

describe('a categorical profile', () => {
  it('names the 200 most frequent values and counts the others and those seen once', () => {
    const values = Array.from({ length: 300 }, (_, i) => `value${i}`).flatMap((value, i) =>
      i < 50 ? [value, value] : [value],
    );
    const table: Table = { rows: values.length, columns: { c: categoryColumn([...values, null]) } };

    const profile = buildProfile({ ...table, rows: values.length + 1 }).columns[0] as CategoricalProfile;

    expect(profile.values).toHaveLength(200);
    expect(profile.values[0]).toEqual(['value0', 2]);
    expect(profile).toMatchObject({ missing: 1, other: 100, otherDistinct: 100, singletons: 250 });
  });
});

describe('buildProfile', () => {
  const table = makeTable(createRandom(1), 2000);

  it('describes all columns but those with a role of their own', () => {
    const withOutputs: Table = {
      rows: table.rows,
      columns: { ...table.columns, at: numericColumn(Array.from({ length: 2000 }, (_, i) => i)) },
    };

    const profile = buildProfile(withOutputs, {
      timeColumn: 'at',
      predictionColumn: 'side',
      scoreColumn: 'b',
      importances: { a: 0.7 },
    });

    expect(profile.columns.map(({ name }) => name)).toEqual(['a', 'gaps', 'kind']);
    expect(profile.columns[0]!.importance).toBe(0.7);
    expect(profile.prediction!.kind).toBe('categorical');
    expect(profile.score!.kind).toBe('numeric');
  });

  it('survives JSON unchanged', () => {
    const profile = buildProfile(table);

    expect(JSON.parse(JSON.stringify(profile))).toEqual(profile);
  });

  it('keeps the pairs that correlate, a category by its values', () => {
    const { joint } = buildProfile(table);

    const pairs = joint!.pairs.map(
      ({ a, b }) => `${table && Object.keys(table.columns)[a]}-${Object.keys(table.columns)[b]}`,
    );
    expect(pairs).toContain('a-b');
    expect(pairs).toContain('a-side');
    expect(pairs.some((pair) => pair.includes('kind'))).toBe(false);
    expect(joint!.pairs.find(({ a, b }) => a === 0 && b === 1)!.correlation).toBeCloseTo(0.8, 1);
  });

  it('finds no dependence between rows that have none', () => {
    const profile = buildProfile(table, { windowRows: 100 });

    for (const column of profile.columns) {
      expect(column.spread!.map(({ rows }) => rows)).toEqual(
        [83, 100, 250].filter((rows) => column.spread!.some((s) => s.rows === rows)),
      );
      for (const { body, location, missing } of column.spread!)
        expect([body, location, missing]).toEqual([1, 1, 1]);
    }
  });

  it('measures how much the hours of a world with weather differ', () => {
    const random = createRandom(2);
    const hours = Array.from({ length: 24 }, () => normal(random));
    const values = hours.flatMap((weather) =>
      Array.from({ length: 100 }, () => weather + 2 * normal(random)),
    );
    const stormy: Table = { rows: 2400, columns: { x: numericColumn(values) } };

    const spread = buildProfile(stormy).columns[0]!.spread!.find(({ rows }) => rows === 100)!;

    expect(spread.chunks).toBe(24);
    expect(spread.location).toBeGreaterThan(10);
    expect(spread.body).toBeLessThan(spread.location / 4);
  });

  it('orders rows by time, given as numbers or as text, before it cuts them', () => {
    const random = createRandom(3);
    const rows = Array.from({ length: 600 }, (_, i) => ({ at: i, x: (i < 300 ? 0 : 3) + normal(random) }));
    const shuffled = rows.toSorted((a, b) => ((a.at * 7919) % 600) - ((b.at * 7919) % 600));
    const byNumber: Table = {
      rows: 600,
      columns: {
        at: numericColumn(shuffled.map(({ at }) => at)),
        x: numericColumn(shuffled.map(({ x }) => x)),
      },
    };
    const dates = shuffled.map(({ at }) => new Date(at * 1000).toISOString());
    const byText: Table = { rows: 600, columns: { ...byNumber.columns, at: categoryColumn(dates) } };

    const [unordered, ordered, dated] = [
      buildProfile(byNumber, { columns: ['x'] }),
      buildProfile(byNumber, { timeColumn: 'at' }),
      buildProfile(byText, { timeColumn: 'at' }),
    ].map((profile) => profile.columns[0]!.spread![0]!.location);

    expect(unordered).toBe(1);
    expect(ordered).toBeGreaterThan(5);
    expect(dated).toBe(ordered);
  });

  it('cuts the reference into windows of the length of those to come', () => {
    const random = createRandom(5);
    const hour = 3_600_000;
    const times = Array.from({ length: 20 }, (_, day) =>
      Array.from({ length: 50 }, (_, i) => day * 24 * hour + i * 60_000),
    ).flat();
    const table: Table = {
      rows: 1000,
      columns: { at: numericColumn(times), x: numericColumn(times.map(() => normal(random))) },
    };

    const { spread } = buildProfile(table, { timeColumn: 'at', windowMs: hour }).columns[0]!;

    expect(spread).toHaveLength(1);
    expect(spread![0]).toMatchObject({ rows: 50, chunks: 20, location: 1 });
  });

  it('does not trust the order of a table that one of its columns sorts', () => {
    const random = createRandom(6);
    const sorted: Table = {
      rows: 1000,
      columns: {
        id: numericColumn(Array.from({ length: 1000 }, (_, i) => i)),
        x: numericColumn(Array.from({ length: 1000 }, () => normal(random))),
      },
    };

    const [trusting, wary] = (['by-order', 'unless-sorted'] as const).map((spread) =>
      buildProfile(sorted, { spread }),
    );

    expect(trusting!.columns[0]!.spread![0]!.location).toBeGreaterThan(5);
    expect(wary!.columns.map(({ spread }) => spread)).toEqual([undefined, undefined]);
    expect(buildProfile(table, { spread: 'unless-sorted' }).columns[0]!.spread).toBeDefined();
  });

  it('finds the one category that comes and goes', () => {
    const random = createRandom(7);
    const values = Array.from({ length: 24 }, (_, hour) =>
      Array.from({ length: 100 }, () =>
        random() < (hour % 4 === 0 ? 0.3 : 0.01) ? 'storm' : `calm${Math.floor(random() * 5)}`,
      ),
    ).flat();
    const table: Table = { rows: 2400, columns: { c: categoryColumn(values) } };

    const spread = buildProfile(table).columns[0]!.spread!.find(({ rows }) => rows === 100)!;

    expect(spread.category).toBeGreaterThan(5);
    expect(spread.bodyDegrees).toBeLessThan(3);
  });

  it('measures no spread when the order means nothing', () => {
    expect(buildProfile(table, { spread: 'none' }).columns[0]!.spread).toBeUndefined();
  });

  it('refuses a column that is absent', () => {
    expect(() => buildProfile(table, { columns: ['nope'] })).toThrow(NotFoundError);
  });
});

describe('findBin', () => {
  it('agrees with counting the edges below', () => {
    const edges = fc.uniqueArray(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), {
      minLength: 1,
      maxLength: 49,
    });
    fc.assert(
      fc.property(edges, fc.double({ noNaN: true, min: -2e6, max: 2e6 }), (unsorted, x) => {
        const sorted = unsorted.toSorted((a, b) => a - b);
        const lookup = createBinLookup(sorted);

        for (const value of [x, ...sorted]) {
          expect(findBin(lookup, value)).toBe(sorted.filter((edge) => value > edge).length);
        }
      }),
    );
  });

  it('puts everything in the one bin without edges', () => {
    expect(findBin(createBinLookup([]), 3)).toBe(0);
  });
});

describe('sortDoubles', () => {
  it('orders many numbers as the engine does', () => {
    const random = createRandom(4);
    const values = Float64Array.from({ length: 30_000 }, (_, i) =>
      i % 50 === 0 ? 0 : (random() - 0.5) * 10 ** (random() * 40 - 20),
    );

    expect(sortDoubles(values.slice())).toEqual(values.slice().sort());
  });
});
