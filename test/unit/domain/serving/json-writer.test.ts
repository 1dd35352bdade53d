import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonWriter } from '../../../../domain/serving/json-writer.ts';

function write(use: (writer: JsonWriter) => void): string {
  const writer = new JsonWriter(8);
  use(writer);
  return writer.toString();
}

describe('JsonWriter', () => {
  it('writes every 32-bit float so that it is read back as the same float', () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const text = write((writer) => writer.float32(value));

        expect(Math.fround(JSON.parse(text))).toBe(value === 0 ? 0 : value);
      }),
      { numRuns: 3000 },
    );
  });

  it('writes floats of everyday size back exactly and briefly', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -9_999_999, max: 9_999_999 }),
        fc.integer({ min: 0, max: 6 }),
        (digits, places) => {
          const value = Math.fround(digits / 10 ** places);
          const text = write((writer) => writer.float32(value));

          expect(Math.fround(Number(text))).toBe(value === 0 ? 0 : value);
          expect(text.length).toBeLessThanOrEqual(13);
        },
      ),
    );
  });

  it('writes every 64-bit float exactly', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const text = write((writer) => writer.float64(value));

        expect(JSON.parse(text)).toBe(value === 0 ? 0 : value);
      }),
      { numRuns: 3000 },
    );
  });

  it.each([
    [0, '0'],
    [-0, '0'],
    [0.1, '0.1'],
    [-12.5, '-12.5'],
    [1000, '1000'],
    [2147483647, '2147483647'],
    [2147483648, '2147483648'],
    [0.001, '0.001'],
    [99999.5, '99999.5'],
    [Number.NaN, 'null'],
    [Number.POSITIVE_INFINITY, 'null'],
  ])('writes %d as %s', (value, text) => {
    expect(write((writer) => writer.float64(value))).toBe(text);
    expect(write((writer) => writer.float32(Math.fround(value)))).toBe(
      value === 2147483647 ? '2147483648' : text,
    );
  });

  it('writes integers of any safe size', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (value) => {
        expect(write((writer) => writer.integer(value))).toBe(`${value === 0 ? 0 : value}`);
      }),
    );
  });

  it('escapes strings and everything beyond ASCII', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        const text = write((writer) => writer.string(value));

        expect(JSON.parse(text)).toBe(value);
        expect(text).toMatch(/^[\x20-\x7e]*$/);
      }),
    );
  });

  it('grows with what is written and starts again after a reset', () => {
    const writer = new JsonWriter(4);
    writer.raw('[');
    for (let i = 0; i < 100; i++) {
      if (i > 0) writer.comma();
      writer.integer(i);
    }
    writer.raw(`,"${'x'.repeat(60)}"]`);
    const long = writer.toString();

    writer.reset();
    writer.raw('1');

    expect(JSON.parse(long)).toHaveLength(101);
    expect(writer.toString()).toBe('1');
    expect(writer.length).toBe(1);
  });
});
