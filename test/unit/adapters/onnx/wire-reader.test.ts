import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NumberBuffer } from '../../../../adapters/onnx/number-buffer.ts';
import { WireReader } from '../../../../adapters/onnx/wire-reader.ts';
import { message } from '../../../support/protobuf-writer.ts';

const integers = fc.array(
  fc.oneof(fc.integer({ min: 0, max: 2 ** 31 - 1 }), fc.integer({ min: -1000 }), fc.maxSafeNat()),
);
/** Bytes of a packed field of the same numbers. */
const packed = (values: readonly number[], field: number) => {
  const bytes = values.map((value) => message([1, BigInt(value)]).subarray(1));
  return message([field, Buffer.concat(bytes)]);
};

describe('WireReader', () => {
  it('reads numbers one by one or packed, and what follows them', () => {
    fc.assert(
      fc.property(integers, (values) => {
        const single = message(...values.map((value): [number, bigint] => [8, BigInt(value)]), [3, 'end']);
        for (const bytes of [single, Buffer.concat([packed(values, 8), message([3, 'end'])])]) {
          const reader = new WireReader(bytes);
          const read = new NumberBuffer();
          let end = '';
          while (reader.next()) {
            if (reader.field === 8) reader.varints(read);
            else if (reader.field === 3) end = reader.text();
          }

          expect([...read.toArray()]).toEqual(values);
          expect(end).toBe('end');
        }
      }),
    );
  });

  it('reads texts that repeat and texts that do not', () => {
    const words = fc.constantFrom('LEAF', 'BRANCH_LEQ', 'é', '', 'x'.repeat(200));
    fc.assert(
      fc.property(fc.array(words), (values) => {
        const reader = new WireReader(
          message(...values.map((value): [number, string] => [9, value]), [3, 'end']),
        );
        const read: string[] = [];
        while (reader.next()) if (reader.field === 9) reader.texts(read);

        expect(read).toEqual(values);
      }),
    );
  });

  it('reads floats, and skips what nobody asks for', () => {
    const bytes = message([5, 'skipped'], [4, 7n], [7, 1.5], [7, Number.NaN], [2, message([1, 'inner'])]);
    const reader = new WireReader(bytes);
    const floats = new NumberBuffer();
    let inner = '';
    while (reader.next()) {
      if (reader.field === 7) reader.floats(floats);
      else if (reader.field === 2) {
        const message = reader.message();
        while (message.next()) inner = message.text();
      }
    }

    expect([...floats.toArray()]).toEqual([1.5, Number.NaN]);
    expect(inner).toBe('inner');
  });

  it('never reads beyond the bytes, whatever they are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        const read = () => {
          const reader = new WireReader(bytes);
          while (reader.next()) {
            if (reader.field % 4 === 0) reader.varints(new NumberBuffer());
            else if (reader.field % 4 === 1) reader.floats(new NumberBuffer());
            else if (reader.field % 4 === 2) reader.texts([]);
          }
        };

        expect(errorOf(read)).toBeOneOf([undefined, RangeError]);
      }),
      { numRuns: 2000 },
    );
  });
});

function errorOf(act: () => void): unknown {
  try {
    act();
    return undefined;
  } catch (error) {
    return (error as Error).constructor;
  }
}
