import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatToken, hashToken, isTokenShaped, readAuthorization } from '../../../../domain/access/token.ts';

const bytes = fc.uint8Array({ minLength: 32, maxLength: 32 });

describe('a personal access token', () => {
  it('has its form whatever the random bytes', () => {
    fc.assert(fc.property(bytes, (random) => isTokenShaped(formatToken(random))));
  });

  it('is refused when one character differs', () => {
    const token = formatToken(Uint8Array.from({ length: 32 }, (_, i) => i * 7));
    const typo = `${token.slice(0, 10)}${token[10] === 'x' ? 'y' : 'x'}${token.slice(11)}`;

    expect(isTokenShaped(typo)).toBe(false);
    expect(isTokenShaped(token.slice(0, -1))).toBe(false);
    expect(isTokenShaped('')).toBe(false);
  });

  it('is stored as a SHA-256 hash', () => {
    expect(hashToken('prn_x')).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe('readAuthorization', () => {
  const basic = (pair: string) => `Basic ${Buffer.from(pair).toString('base64')}`;

  it.each([
    ['a bearer token', 'Bearer abc', 'abc'],
    ['a bearer token in lower case', 'bearer abc', 'abc'],
    ['the password of Basic, whatever the user', basic('anybody:abc'), 'abc'],
    ['a password with colons', basic(':a:b'), 'a:b'],
    ['nothing in Basic without a colon', basic('abc'), undefined],
    ['nothing under another scheme', 'Digest abc', undefined],
    ['nothing without a header', undefined, undefined],
  ])('reads %s', (_case, header, expected) => {
    expect(readAuthorization(header)).toBe(expected);
  });
});
