import { describe, expect, it } from 'vitest';
import { InvalidInputError } from '../../../../../domain/shared/domain-error.ts';
import { buildManifest } from '../../../../../domain/shared/signing/manifest.ts';

const DIGEST = 'a'.repeat(64);

describe('buildManifest', () => {
  it('orders files by path segments, as the Python package does', () => {
    const files = ['a.x', 'a/b', 'a', 'B'].map((path) => ({ path, sha256: DIGEST }));

    const manifest = buildManifest(files);

    expect(manifest.files.map((file) => file.path)).toEqual(['B', 'a', 'a/b', 'a.x']);
  });

  it.each([
    ['an empty list', []],
    ['a path that leaves the folder', [{ path: 'a/../b', sha256: DIGEST }]],
    ['an absolute path', [{ path: '/a', sha256: DIGEST }]],
    ['a backslash', [{ path: 'a\\b', sha256: DIGEST }]],
    ['an upper-case digest', [{ path: 'a', sha256: 'A'.repeat(64) }]],
    [
      'the same path twice',
      [
        { path: 'a', sha256: DIGEST },
        { path: 'a', sha256: DIGEST },
      ],
    ],
  ])('refuses %s', (_, files) => {
    expect(() => buildManifest(files)).toThrow(InvalidInputError);
  });
});
