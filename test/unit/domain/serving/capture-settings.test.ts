import { describe, expect, it } from 'vitest';
import { CAPTURE_EVERYTHING, parseCaptureSettings } from '../../../../domain/serving/capture-settings.ts';
import { InvalidInputError } from '../../../../domain/shared/domain-error.ts';

describe('parseCaptureSettings', () => {
  it.each([undefined, '', '{}'])('captures everything for %j', (text) => {
    expect(parseCaptureSettings(text)).toEqual(CAPTURE_EVERYTHING);
  });

  it('reads what is dropped and hashed', () => {
    const settings = { enabled: false, drop: ['a'], hash: ['b'], hashKey: 'a2V5' };

    expect(parseCaptureSettings(JSON.stringify(settings))).toEqual(settings);
  });

  it("reads an endpoint's own words for the same", () => {
    expect(parseCaptureSettings('{"mode":"off","redact":["email"]}')).toEqual({
      enabled: false,
      drop: ['email'],
      hash: [],
    });
  });

  it.each([
    ['an unknown setting', '{"dropped":["a"]}'],
    ['a mode it does not have', '{"mode":"durable"}'],
    ['text that is not JSON', '{'],
    ['a list', '3'],
    ['an unclear switch', '{"enabled":"no"}'],
    ['columns that are no list', '{"drop":"a"}'],
    ['hashing without a key', '{"hash":["a"]}'],
  ])('refuses %s', (_, text) => {
    expect(() => parseCaptureSettings(text)).toThrow(InvalidInputError);
  });
});
