import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseMatrixBody } from '../../../../domain/serving/matrix-body.ts';
import { NumberList, readNumberList } from '../../../../domain/serving/number-list.ts';
import { readInferRequest } from '../../../../domain/serving/read-infer-request.ts';
import { readInvocations } from '../../../../domain/serving/read-invocations.ts';
import { matrixBinding } from '../../../support/serving-models.ts';

const toFloats = (list: readonly (number | null)[]) =>
  Float32Array.from(list, (value) => value ?? Number.NaN);
/** Pads a body over the size from which lists are read apart. */
const PADDING = ' '.repeat(5000);

describe('readNumberList', () => {
  it('reads what JSON.parse reads, bit for bit', () => {
    const number = fc.oneof(
      fc.integer(),
      fc.maxSafeInteger(),
      fc.double({ noNaN: true, min: -1e30, max: 1e30 }),
      fc
        .tuple(fc.integer({ min: -99_999_999, max: 99_999_999 }), fc.nat(9))
        .map(([n, places]) => n / 10 ** places),
      fc.constantFrom(0, -0, 1e-7, 1e21, 0.1),
    );
    fc.assert(
      fc.property(
        fc.array(fc.option(number), { minLength: 1, maxLength: 60 }),
        fc.constantFrom(0, 1),
        (values, indent) => {
          const text = JSON.stringify(values, null, indent);

          const read = readNumberList(`x${text}y`, 1);

          expect(read?.end).toBe(text.length + 1);
          expect(read?.list.values).toEqual(toFloats(JSON.parse(text)));
          expect(read?.list.toArray()).toEqual(JSON.parse(text));
        },
      ),
      { numRuns: 500 },
    );
  });

  it('never takes what JSON.parse refuses, and ends on every text', () => {
    const token = fc.constantFrom(
      '[',
      ']',
      ',',
      '-',
      '.',
      '0',
      '7',
      '12',
      '1.5',
      'e',
      'E',
      '+',
      'null',
      ' ',
      '\n',
      '"',
    );
    const text = fc.array(token, { maxLength: 14 }).map((tokens) => `[${tokens.join('')}`);
    fc.assert(
      fc.property(text, (json) => {
        const read = readNumberList(json, 0);

        if (read === undefined) return;
        const parsed = JSON.parse(json.slice(0, read.end)) as (number | null)[];
        expect(read.list.values).toEqual(toFloats(parsed.flat()));
      }),
      { numRuns: 20_000 },
    );
  });

  it('reads rows of equal length, more than its first buffer holds', () => {
    const rows = Array.from({ length: 3000 }, (_, i) => [i, i / 4, -i - 1]);

    const read = readNumberList(JSON.stringify(rows, null, 1), 0);

    expect(read?.list.width).toBe(3);
    expect(read?.list.values).toEqual(toFloats(rows.flat()));
  });

  it.each([
    '[]',
    '[[]]',
    '[1,]',
    '[,1]',
    '[1 2]',
    '[1',
    '[01]',
    '[1.]',
    '[.5]',
    '[-]',
    '[+1]',
    '[1e]',
    '[0x1]',
    '["1"]',
    '[true]',
    '[1,[2]]',
    '[[1],2]',
    '[[1],[2,3]]',
    '[[1],]',
    '[[1] [2]]',
    '[[1],[2]',
    '[nul]',
    '[nullx]',
    '[-null]',
    '[NaN]',
    '[1e39]',
    '[1\u00a0]',
    '[ı]',
  ])('leaves %s to JSON.parse', (text) => {
    expect(readNumberList(text, 0)).toBeUndefined();
  });

  it('leaves a list of many long numbers to JSON.parse', () => {
    const list = Array.from({ length: 300 }, (_, i) => Math.fround(i / 7));

    expect(readNumberList(JSON.stringify(list), 0)).toBeUndefined();
  });
});

describe('parseMatrixBody', () => {
  const split = {
    dataframe_split: {
      columns: ['a', 'b'],
      data: [
        [1, 2.5],
        [null, -4],
      ],
    },
  };
  const infer = { inputs: [{ name: 'features', shape: [2, 2], datatype: 'FP32', data: [1, 2.5, null, -4] }] };

  it.each([
    ['dataframe_split', split],
    ['an inference request', infer],
  ])('puts a list of numbers into %s', (_, body) => {
    const parsed = parseMatrixBody(JSON.stringify(body) + PADDING);

    const [tensor] = (parsed?.inputs ?? []) as { data: unknown }[];
    const table = parsed?.dataframe_split as { data: unknown } | undefined;
    expect((table ?? tensor)?.data).toBeInstanceOf(NumberList);
  });

  it('gives the same batch as a body that is parsed as a whole', () => {
    const readSplit = (body: unknown) => readInvocations(body as Record<string, unknown>, matrixBinding());
    const readInfer = (body: unknown) =>
      readInferRequest(body as Record<string, unknown>, matrixBinding(), []).batch;
    const reordered = {
      dataframe_split: {
        columns: ['b', 'a'],
        data: [
          [2.5, 1],
          [-4, null],
        ],
      },
    };
    const nested = {
      inputs: [
        {
          ...infer.inputs[0],
          data: [
            [1, 2.5],
            [null, -4],
          ],
        },
      ],
    };
    const integers = { inputs: [{ ...infer.inputs[0], datatype: 'INT64', data: [1, 2, 3, 4] }] };
    const column = {
      inputs: [
        { name: 'a', shape: [1], datatype: 'FP32', data: [1] },
        { name: 'b', shape: [1], datatype: 'FP32', data: [2] },
      ],
    };

    for (const body of [split, reordered, { dataframe_split: { data: [[1, 2.5]] } }]) {
      expect(readSplit(parseMatrixBody(JSON.stringify(body) + PADDING))).toEqual(readSplit(body));
    }
    for (const body of [infer, nested, integers, column]) {
      expect(readInfer(parseMatrixBody(JSON.stringify(body) + PADDING))).toEqual(readInfer(body));
    }
  });

  it('refuses what the other way refuses', () => {
    const wide = { dataframe_split: { columns: ['a', 'b'], data: [[1, 2, 3]] } };
    const fraction = { inputs: [{ ...infer.inputs[0], datatype: 'INT64' }] };

    expect(() => readInvocations(parseMatrixBody(JSON.stringify(wide) + PADDING)!, matrixBinding())).toThrow(
      '2 values',
    );
    expect(() =>
      readInferRequest(parseMatrixBody(JSON.stringify(fraction) + PADDING)!, matrixBinding(), []),
    ).toThrow('INT64');
  });

  it.each([
    ['a small body', JSON.stringify(infer)],
    ['records', `{"dataframe_records":[{"a":1}]}${PADDING}`],
    ['the key inside a string', `{"id":"\\"data\\":[1]","inputs":[]}${PADDING}`],
    ['a key that only ends so', `{"x\\"data":[1],"inputs":[]}${PADDING}`],
    ['a list at another place', `{"parameters":{"data":[1]},"inputs":[{"data":"x"}]}${PADDING}`],
    ['a second list under the same key', `{"dataframe_split":{"data":[[1]],"data":[["x"]]}}${PADDING}`],
    ['malformed JSON around it', `{"inputs":[{"data":[1]}${PADDING}`],
    ['a body that is no object', `null "data":[1]${PADDING}`],
    ['a list of strings', `{"inputs":[{"data":["a"]}]}${PADDING}`],
  ])('leaves %s alone', (_, text) => {
    expect(parseMatrixBody(text)).toBeUndefined();
  });
});
