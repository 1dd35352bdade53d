import { describe, expect, it } from 'vitest';
import { makeUlid } from '../../../../domain/shared/ulid.ts';

describe('makeUlid', () => {
  it('writes the time as the specification does', () => {
    expect(makeUlid(1469918176385, new Uint8Array(16))).toBe('01ARYZ6S410000000000000000');
  });

  it('sorts by time', () => {
    const random = new Uint8Array(16).fill(31);

    expect(makeUlid(1000, random) < makeUlid(1001, new Uint8Array(16))).toBe(true);
  });
});
