import { describe, expect, it } from 'vitest';
import { parseJsonBody } from '../../../../domain/serving/json-body.ts';

describe('parseJsonBody', () => {
  it('keeps integers beyond 2^53 when the model can store them', () => {
    const text = '{"a":[9007199254740993,-9223372036854775808,1.5,1e300,"9007199254740993"]}';

    expect(parseJsonBody(text, true).a).toEqual([
      9007199254740993n,
      -9223372036854775808n,
      1.5,
      1e300,
      '9007199254740993',
    ]);
    expect(parseJsonBody(text, false).a).toEqual([
      9007199254740992,
      -(2 ** 63),
      1.5,
      1e300,
      '9007199254740993',
    ]);
  });

  it("reads the tokens of Python's parser, outside of strings alone", () => {
    const text = '{"a":[NaN,Infinity,-Infinity,1],"b":"NaN \\" -Infinity","NaN":9007199254740993}';

    expect(parseJsonBody(text, true)).toEqual({
      a: [null, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1],
      b: 'NaN " -Infinity',
      NaN: 9007199254740993n,
    });
  });

  it.each([
    ['[1, NaN]', 'must be a JSON object'],
    ['{"a":NaN, "b":secret}', 'is not valid JSON'],
    ['{"a":secret}', 'is not valid JSON'],
    ['{"a":1 "b":2}', 'at character 7'],
    ['{"a":', 'is not valid JSON'],
    ['[]', 'must be a JSON object'],
    ['null', 'must be a JSON object'],
  ])('refuses %s in our own words', (text, message) => {
    expect(() => parseJsonBody(text, false)).toThrow(message);
    expect(() => parseJsonBody(text, false)).not.toThrow('secret');
  });
});
