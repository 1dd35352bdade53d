import { describe, expect, it } from 'vitest';
import { secondsToNextTick } from '../../../../domain/deployment/next-tick.ts';

const MINUTE_START = Date.UTC(2026, 0, 1, 12, 0, 0);

describe('secondsToNextTick', () => {
  it('ends just after the lines of the minute that is over have arrived', () => {
    expect(secondsToNextTick(MINUTE_START, 45)).toBe(46);
    expect(secondsToNextTick(MINUTE_START + 44_200, 45)).toBe(2);
  });

  it('is a whole minute right after one has arrived, whatever the lag', () => {
    expect(secondsToNextTick(MINUTE_START + 45_000, 45)).toBe(61);
    expect(secondsToNextTick(MINUTE_START + 45_000, 105)).toBe(61);
  });
});
