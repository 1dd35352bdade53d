import { describe, expect, it } from 'vitest';
import { parseFilterList } from '../../../../../domain/shared/mlflow/filter-list.ts';
import { lexFilter } from '../../../../../domain/shared/mlflow/lex-filter.ts';
import { compileLike } from '../../../../../domain/shared/mlflow/like-pattern.ts';
import { formatOffsetToken, parseOffsetToken } from '../../../../../domain/shared/mlflow/page-token.ts';
import { parseOrder } from '../../../../../domain/shared/mlflow/parse-order.ts';
import { toPythonBytes, toPythonText } from '../../../../../domain/shared/mlflow/python-text.ts';
import { readClauses } from '../../../../../domain/shared/mlflow/read-clauses.ts';

describe('lexFilter', () => {
  it.each([
    "metrics.`a b` >= -1.5e3 AND params.p != 'x''y' -- end",
    'a.$b ~ %s $tag$text$tag$ \\x ´n´ [q] 0x1F :p := ( ) ; 😀 "open',
  ])('loses nothing of %s', (text) => {
    expect(
      lexFilter(text)
        .map((token) => token.text)
        .join(''),
    ).toBe(text);
  });

  it('takes no more than linear time for quotes that never close', () => {
    const started = performance.now();

    lexFilter(`${"'a' ".repeat(2000)}"${'x\\'.repeat(20_000)}`);

    expect(performance.now() - started).toBeLessThan(1000);
  });
});

describe('readClauses', () => {
  it('gives up on a filter that is longer than any would be', () => {
    expect(() => readClauses('a '.repeat(6000), (clause) => clause)).toThrow('Error on parsing filter');
  });
});

describe('compileLike', () => {
  it.each([
    ['a%', 'abc', true],
    ['%c', 'abc', true],
    ['%b%', 'abc', true],
    ['abc', 'abc', true],
    ['', '', true],
    ['', 'a', false],
    ['%', '', true],
    ['a_c', 'abc', true],
    ['a_', 'a😀', true],
    ['a.c', 'abc', false],
    ['A%', 'abc', false],
    ['%a%b_', 'xaxxbxbz', true],
    ['a%b%c', 'acb', false],
    ['a%_', 'a', false],
    ['%%_%%', 'x', true],
  ])('%s against %s is %s', (pattern, text, matches) => {
    expect(compileLike(pattern, false)(text)).toBe(matches);
  });

  it.each([
    ['A%', 'abc'],
    ['É_', 'éx'],
  ])('ignores case for ILIKE: %s finds %s', (pattern, text) => {
    expect(compileLike(pattern, true)(text)).toBe(true);
  });

  it('comes to an end for a pattern that makes a backtracking matcher slow', () => {
    const started = performance.now();

    const found = compileLike(`${'%a'.repeat(30)}_b`, false)('a'.repeat(5000));

    expect(found).toBe(false);
    expect(performance.now() - started).toBeLessThan(500);
  });
});

describe('parseFilterList', () => {
  it.each([
    ['(\'a\', "b")', ['a', 'b']],
    ["('a',)", ['a']],
    ["('a' 'b', 'c')", ['ab', 'c']],
    [String.raw`('a\n\x41\u00e9\101\q\'')`, ["a\nAéA\\q'"]],
    [String.raw`(r'a\n', u'b')`, [String.raw`a\n`, 'b']],
    ["('a', # one\n 'b')", ['a', 'b']],
  ])('reads %s', (text, expected) => {
    expect(parseFilterList(text)).toEqual(expected);
  });

  it.each([
    ['()', 'but got empty list'],
    ["('a', 1)", "but got different type in list: ('a', 1)"],
    ['(1)', 'but got different type in list: (1,)'],
    ["('a' 1)", 'ill-formed list'],
    ["('a',, 'b')", 'ill-formed list'],
    ['(a)', 'ill-formed list'],
    ["('a' = 'b')", 'ill-formed list'],
  ])('refuses %s', (text, message) => {
    expect(() => parseFilterList(text)).toThrow(message);
  });
});

describe('parseOrder', () => {
  it.each([
    ['metrics.`a b` DESC', { field: 'metrics.a b', descending: true }],
    ['metrics."a \\" b" asc', { field: 'metrics.a " b', descending: false }],
    ['metrics.`a b`', { field: 'metrics.`a b`', descending: false }],
    ["tags.'a b' DESC", { field: 'tags.a b', descending: true }],
  ])('reads %s', (clause, expected) => {
    expect(parseOrder(clause)).toEqual(expected);
  });
});

describe('an offset token', () => {
  it('is what MLflow gives', () => {
    expect(formatOffsetToken(100)).toBe('eyJvZmZzZXQiOiAxMDB9');
    expect(parseOffsetToken('eyJvZmZzZXQiOiAxMDB9')).toBe(100);
    expect(parseOffsetToken('')).toBe(0);
    expect(parseOffsetToken(undefined)).toBe(0);
  });

  it.each([
    ['abcde', 'Invalid page token, could not base64-decode'],
    ['aGVsbG8=', "Invalid page token, decoded value=b'hello'"],
    ['Iid4', "Invalid page token, decoded value=b'\"\\'x'"],
    ['eyJhIjogW3RydWUsIG51bGxdfQ==', "Invalid page token, parsed value={'a': [True, None]}"],
    ['W10=', 'Invalid page token, parsed value=[]'],
    ['eyJvZmZzZXQiOiAieCJ9', 'Invalid page token, not stringable x'],
    ['eyJvZmZzZXQiOiBbMV19', 'Invalid page token, not stringable [1]'],
  ])('%s is refused', (token, message) => {
    expect(() => parseOffsetToken(token)).toThrow(message);
  });
});

describe('toPythonText', () => {
  it.each([
    ["it's", '"it\'s"'],
    ['a "b" \'c\'', "'a \"b\" \\'c\\''"],
    ['a\n\x01\\', "'a\\n\\x01\\\\'"],
    [1.5, '1.5'],
  ])('writes %j as %s', (value, expected) => {
    expect(toPythonText(value)).toBe(expected);
  });

  it('writes bytes as text where they are text', () => {
    expect(toPythonBytes(Buffer.from("a'é"))).toBe('b"a\'\\xc3\\xa9"');
  });
});
