import { describe, expect, it } from 'vitest';
import { checkMlflowKey, checkMlflowLength, toPythonText } from '../../../../domain/shared/mlflow-names.ts';

describe('the names of metrics, params and tags', () => {
  it.each(['a', 'a/b', 'a b', 'val: 1', 'é.ß-_9', 'a..b', 'a\n'])('may be %j', (name) => {
    expect(() => checkMlflowKey(name, 'key')).not.toThrow();
  });

  it.each([
    ['', '.'],
    ['.', '.'],
    ['..', '..'],
    ['...', '...'],
    ['/a', '/a'],
    ['//a', '//a'],
    ['///a', '/a'],
    ['a/', 'a'],
    ['a//b', 'a/b'],
    ['./a', 'a'],
    ['a/../../b', '../b'],
    ['../..', '../..'],
    ['/..', '/'],
  ])('must not be %j, which is the path %s', (name, path) => {
    expect(() => checkMlflowKey(name, 'key')).toThrow(
      `Invalid value ${JSON.stringify(name)} for parameter 'key' supplied: Names may be treated as files in certain cases, ` +
        `and must not resolve to other names when treated as such. This name would resolve to '${path}'`,
    );
  });

  it.each(['a$', 'a%b', '<x>', 'a\tb'])('must not have the characters of %j', (name) => {
    expect(() => checkMlflowKey(name, 'metrics[0].name')).toThrow(
      `Invalid value ${JSON.stringify(name)} for parameter 'metrics[0].name' supplied: Names may only contain ` +
        'alphanumerics, underscores (_), dashes (-), periods (.), spaces ( ), colon(:) and slashes (/).',
    );
  });

  it('are as long as Python counts them', () => {
    expect(() => checkMlflowLength('😀'.repeat(250), 250, 'key')).not.toThrow();
    expect(() => checkMlflowLength('x'.repeat(251), 250, 'key')).toThrow(
      "'key' exceeds the maximum length of 250 characters",
    );
  });
});

describe("Python's texts", () => {
  it.each([
    ['a', "'a'"],
    ["it's", '"it\'s"'],
    [`it's "x"`, `'it\\'s "x"'`],
    ['a\\b\n', "'a\\\\b\\n'"],
  ])('%j is %s', (text, written) => {
    expect(toPythonText(text)).toBe(written);
  });
});
