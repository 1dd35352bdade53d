import { describe, expect, it } from 'vitest';
import {
  checkArtifactPath,
  findProxiedPath,
  toArtifactKey,
  toRunArtifactPath,
} from '../../../../../domain/tracking/artifacts/artifact-path.ts';
import { toAttachment } from '../../../../../domain/tracking/artifacts/content-disposition.ts';
import { guessMediaType } from '../../../../../domain/tracking/artifacts/media-type.ts';
import { makeTestContext } from '../../../../support/call-context.ts';

const context = makeTestContext();

describe('artifact paths', () => {
  it('lie under the tenant whatever they say', () => {
    expect(toArtifactKey(context, '1/abc/artifacts/model.pkl')).toBe(
      'tenants/acme/experiments/1/abc/artifacts/model.pkl',
    );
  });

  it.each([
    '../x',
    'a/../../b',
    './x',
    '.',
    '%2e',
    '/etc/passwd',
    'a%2e%2e/%2e%2e/b',
    'a%252e%252e%252fb/..',
    '..%255cx',
    'a\\..\\b',
    'C:/x',
    'file:x',
    'a#b',
    'a%00b',
  ])('refuse %s', (path) => {
    expect(() => checkArtifactPath(path)).toThrow('Invalid path');
  });

  it.each([
    ['100%.txt', '100%.txt'],
    ['a%2520b', 'a b'],
    ['%C3%A9%E6%97%A5.bin', 'é日.bin'],
    ['a//b/', 'a/b'],
    ['', ''],
  ])('take %s for %s', (path, taken) => {
    expect(checkArtifactPath(path)).toBe(taken);
  });

  it.each([
    ['mlflow-artifacts:/1/abc/artifacts', '1/abc/artifacts'],
    ['mlflow-artifacts://host:5000/1/abc', '1/abc'],
    ['https://host/prefix/api/2.0/mlflow-artifacts/artifacts/1/abc', '1/abc'],
    ['mlflow-artifacts:/1/abc?x=y', '1/abc'],
    ['s3://bucket/1/abc', undefined],
    ['https://host/elsewhere', undefined],
  ])('of %s begin at %s', (uri, path) => {
    expect(findProxiedPath(uri)).toBe(path);
  });

  it('of a run follow its location', () => {
    expect(toRunArtifactPath('mlflow-artifacts:/1/abc/artifacts', 'plots/a.png')).toBe(
      '1/abc/artifacts/plots/a.png',
    );
    expect(toRunArtifactPath('mlflow-artifacts:/1/abc/artifacts', undefined)).toBe('1/abc/artifacts');
  });
});

describe('media types', () => {
  it.each([
    ['a/MLmodel', 'text/plain'],
    ['model.yaml', 'text/plain'],
    ['x.JSON', 'application/json'],
    ['page.html', 'text/html'],
    ['plot.PNG', 'image/png'],
    ['model.pkl', 'application/octet-stream'],
    ['model.tar.gz', 'application/x-tar'],
    ['table.csv.gz', 'text/csv'],
    ['.gitignore', 'application/octet-stream'],
    ['no-extension', 'application/octet-stream'],
  ])('of %s is %s', (path, type) => {
    expect(guessMediaType(path)).toBe(type);
  });
});

describe('attachments', () => {
  it.each([
    ['a.txt', 'attachment; filename=a.txt'],
    ['a b.txt', 'attachment; filename="a b.txt"'],
    ['é日.bin', "attachment; filename=e.bin; filename*=UTF-8''%C3%A9%E6%97%A5.bin"],
    ['日本', "attachment; filename=download; filename*=UTF-8''%E6%97%A5%E6%9C%AC"],
  ])('of %s are %s', (name, header) => {
    expect(toAttachment(name)).toBe(header);
  });
});
