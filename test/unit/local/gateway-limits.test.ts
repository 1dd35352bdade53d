import { describe, expect, it } from 'vitest';
import { headerBytes, isTextBody, makeThrottle, refuseBody } from '../../../local/gateway-limits.ts';

describe('headerBytes', () => {
  it('counts the request line and every header line', () => {
    const request = { method: 'GET', url: '/a', rawHeaders: ['Host', 'x', 'Accept', '*/*'] };

    expect(headerBytes(request)).toBe('GET /a HTTP/1.1\r\nHost: x\r\nAccept: */*\r\n'.length);
  });
});

describe('refuseBody', () => {
  it('refuses a binary body whose base64 is above 6 MB', () => {
    const refusal = refuseBody(Buffer.alloc(4_800_000), 'application/octet-stream');

    expect(refusal).toEqual({ status: 413, message: 'Request Entity Too Large' });
  });

  it('accepts a text body of the same size', () => {
    const refusal = refuseBody(Buffer.alloc(4_800_000, 'a'), 'application/json');

    expect(refusal).toBeUndefined();
  });
});

describe('isTextBody', () => {
  it.each([
    ['application/json; charset=utf-8', true],
    ['text/csv', true],
    ['application/x-www-form-urlencoded', false],
    [undefined, false],
  ])('says of %s: %s', (contentType, expected) => {
    expect(isTextBody(contentType)).toBe(expected);
  });
});

describe('makeThrottle', () => {
  it('lets a burst pass, then as many as the rate allows', () => {
    let now = 0;
    const passes = makeThrottle({ requestsPerSecond: 10, burst: 3 }, () => now);

    const burst = [passes(), passes(), passes(), passes()];
    now = 100;
    const later = [passes(), passes()];

    expect(burst).toEqual([true, true, true, false]);
    expect(later).toEqual([true, false]);
  });
});
