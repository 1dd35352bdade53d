import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addRows } from '../../../../domain/monitoring/add-rows.ts';
import { addTable } from '../../../../domain/monitoring/add-table.ts';
import { ByteReader, ByteWriter } from '../../../../domain/monitoring/byte-stream.ts';
import { mergeSketches } from '../../../../domain/monitoring/merge-sketches.ts';
import {
  type CategoricalSketch,
  createSketch,
  MAX,
  MIN,
  type NumericSketch,
  type Sketch,
  SUM,
} from '../../../../domain/monitoring/sketch.ts';
import { fromSketchBytes, toSketchBytes } from '../../../../domain/monitoring/sketch-bytes.ts';
import { buildProfile } from '../../../../domain/shared/profile/build-profile.ts';
import { categoryColumn, cellOf, numericColumn, type Table } from '../../../../domain/shared/table.ts';
import { createRandom, makeTable } from '../../../support/made-tables.ts';

const REFERENCE = makeTable(createRandom(1), 1000);
const PROFILE = buildProfile(REFERENCE, {
  columns: ['a', 'b', 'gaps', 'kind'],
  predictionColumn: 'side',
  scoreColumn: 'b',
});
const [A, , GAPS, KIND] = [0, 1, 2, 3];

function rowsOf(table: Table): unknown[][] {
  return Array.from({ length: table.rows }, (_, row) =>
    PROFILE.columns.map(({ name }) => cellOf(table.columns[name]!, row)),
  );
}

function valuesOf(table: Table, name: string): unknown[] {
  return Array.from({ length: table.rows }, (_, row) => cellOf(table.columns[name]!, row));
}

function sketchOf(table: Table): Sketch {
  const sketch = createSketch(PROFILE);
  addRows(sketch, rowsOf(table), valuesOf(table, 'side'), valuesOf(table, 'b'));
  return sketch;
}

function numeric(sketch: Sketch, i: number): NumericSketch {
  return sketch.columns[i] as NumericSketch;
}

describe('a sketch', () => {
  it('of the reference holds the counts of the profile', () => {
    const sketch = sketchOf(REFERENCE);

    PROFILE.columns.forEach((column, i) => {
      const expected = column.kind === 'numeric' ? column.counts : column.values.map(([, count]) => count);
      expect([...sketch.columns[i]!.counts]).toEqual(expected);
      expect(sketch.columns[i]!.missing).toBe(column.missing);
    });
    expect(numeric(sketch, A).moments[SUM]).toBeCloseTo(0, 9);
    expect(numeric(sketch, A).moments[MIN]).toBe((PROFILE.columns[A] as { min: number }).min);
    expect(sketch.prediction!.counts.reduce((sum, count) => sum + count, 0)).toBe(1000);
  });

  it('counts what is missing, of the wrong type, beyond the range and unseen', () => {
    const sketch = createSketch(PROFILE);

    addRows(sketch, [
      [null, undefined, Number.NaN, null],
      [Number.POSITIVE_INFINITY, 'text', true, 7],
      [1000, -1000, 100n, 'brand new'],
      [{}, [], 99, ['list']],
    ]);

    expect(sketch.rows).toBe(4);
    expect(numeric(sketch, A)).toMatchObject({ missing: 2, wrongType: 1, above: 1, below: 0 });
    expect(numeric(sketch, 1)).toMatchObject({ missing: 1, wrongType: 2, above: 0, below: 1 });
    expect(numeric(sketch, GAPS)).toMatchObject({ missing: 1, wrongType: 0 });
    const kind = sketch.columns[KIND] as CategoricalSketch;
    expect(kind).toMatchObject({ missing: 1, wrongType: 1 });
    expect([...kind.unseen]).toEqual([
      ['7', 1],
      ['brand new', 1],
    ]);
  });

  it('remembers fifty unseen values by name and counts the others', () => {
    const sketch = createSketch(PROFILE);

    addRows(
      sketch,
      Array.from({ length: 70 }, (_, i) => [0, 0, 0, `${i} ${'long '.repeat(20)}`]),
    );

    const kind = sketch.columns[KIND] as CategoricalSketch;
    expect(kind.unseen.size).toBe(50);
    expect(kind.unseenOther).toBe(20);
    expect([...kind.unseen.keys()].every((name) => name.length <= 64)).toBe(true);
  });

  it('of a table equals that of its rows', () => {
    const table = makeTable(createRandom(2), 333);
    const byTable = createSketch(PROFILE);

    addTable(byTable, table, { prediction: 'side', score: 'b' });

    expect(toSketchBytes(byTable)).toEqual(toSketchBytes(sketchOf(table)));
  });

  it('of a table takes absent columns as missing and other kinds as wrong', () => {
    const sketch = createSketch(PROFILE);

    addTable(sketch, {
      rows: 3,
      columns: {
        a: categoryColumn(['x', null, 'y']),
        kind: numericColumn([1, null, 3]),
        gaps: numericColumn([100, 101, null]),
      },
    });

    expect(numeric(sketch, A)).toMatchObject({ missing: 1, wrongType: 2 });
    expect(numeric(sketch, 1)).toMatchObject({ missing: 3, wrongType: 0 });
    expect(sketch.columns[KIND]).toMatchObject({ missing: 1, wrongType: 2 });
  });

  it('of a window in parts is that of the whole, in whatever order they merge', () => {
    const random = createRandom(3);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 150 }), { minLength: 1, maxLength: 4 }), (sizes) => {
        const parts = sizes.map((size) => makeTable(random, size));
        const whole = createSketch(PROFILE);
        for (const part of parts) addRows(whole, rowsOf(part), valuesOf(part, 'side'), valuesOf(part, 'b'));

        const merged = parts.map(sketchOf).reverse().reduce(mergeSketches, createSketch(PROFILE));

        expect(merged.rows).toBe(whole.rows);
        merged.columns.forEach((column, i) => {
          expect(column.counts).toEqual(whole.columns[i]!.counts);
          expect(column.missing).toBe(whole.columns[i]!.missing);
        });
        expect(numeric(merged, A).moments[SUM]).toBeCloseTo(numeric(whole, A).moments[SUM]!, 6);
        expect(numeric(merged, A).moments[MAX]).toBe(numeric(whole, A).moments[MAX]);
        expect(merged.pairSums[0]).toBeCloseTo(whole.pairSums[0]!, 6);
      }),
      { numRuns: 20 },
    );
  });

  it('keeps unseen values when it merges', () => {
    const [one, other] = ['new', 'newer'].map((value) => {
      const sketch = createSketch(PROFILE);
      addRows(sketch, [
        [0, 0, 0, value],
        [0, 0, 0, 'both'],
      ]);
      return sketch;
    });

    const merged = mergeSketches(one!, other!);

    expect([...(merged.columns[KIND] as CategoricalSketch).unseen]).toEqual([
      ['new', 1],
      ['both', 2],
      ['newer', 1],
    ]);
  });

  it('does not merge with that of another profile', () => {
    const other = createSketch(buildProfile(REFERENCE, { columns: ['a'] }));
    const swapped = createSketch(buildProfile(REFERENCE, { columns: ['kind', 'b', 'gaps', 'a'] }));

    expect(() => mergeSketches(createSketch(PROFILE), other)).toThrow(TypeError);
    expect(() => mergeSketches(createSketch(PROFILE), swapped)).toThrow(TypeError);
  });
});

describe('the bytes of a sketch', () => {
  it('read back as they were, unseen values included', () => {
    const sketch = sketchOf(
      makeTable(createRandom(4), 500, (row) => (row.kind = row.a > 1 ? 'née' : row.kind)),
    );

    const again = fromSketchBytes(PROFILE, toSketchBytes(sketch));

    expect({ ...again, blockScores: null }).toEqual({ ...sketch, blockScores: null });
  });

  it('are refused with another profile or format', () => {
    const bytes = toSketchBytes(sketchOf(REFERENCE));

    expect(() => fromSketchBytes(buildProfile(REFERENCE, { columns: ['kind'] }), bytes)).toThrow(TypeError);
    expect(() => fromSketchBytes(PROFILE, Uint8Array.of(9))).toThrow(/unknown format/);
  });

  it('are refused when they are cut short', () => {
    const bytes = toSketchBytes(sketchOf(REFERENCE));

    expect(() => fromSketchBytes(PROFILE, bytes.subarray(0, 40))).toThrow(RangeError);
  });
});

describe('a byte stream', () => {
  it('keeps counts up to the largest safe one, doubles and texts', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.double(), fc.string({ unit: 'grapheme' }), (count, double, text) => {
        const writer = new ByteWriter();
        writer.count(count);
        writer.double(double);
        writer.text(text);

        const reader = new ByteReader(writer.finish());

        expect([reader.count(), reader.double(), reader.text()]).toEqual([count, double, text]);
      }),
    );
  });

  it('does not read a text beyond its end', () => {
    const writer = new ByteWriter();
    writer.count(10);

    expect(() => new ByteReader(writer.finish()).text()).toThrow(RangeError);
  });
});
