import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RecentDelays, type SlotOfLandings } from '../../../../local/tour/recent-delays.ts';

const landing = (slot: number, delayMinutes: number, flights = 1): SlotOfLandings => {
  return { airport: 'ORD', slot, flights, delayMinutes };
};

describe('RecentDelays', () => {
  it('is the mean of the flights that had landed before the departure’s slot', () => {
    const delays = new RecentDelays([landing(10, 30), landing(11, 50, 3)], 100);

    expect(delays.meanBefore('ORD', 12)).toBe(20);
  });

  it('does not know a flight that lands in the slot of the departure', () => {
    const delays = new RecentDelays([landing(12, 30)], 100);

    expect(delays.meanBefore('ORD', 12)).toBeNull();
    expect(delays.meanBefore('ORD', 13)).toBe(30);
  });

  it('forgets a flight after three hours', () => {
    const delays = new RecentDelays([landing(12, 30)], 100);

    expect(delays.meanBefore('ORD', 24)).toBe(30);
    expect(delays.meanBefore('ORD', 25)).toBeNull();
  });

  it('knows nothing of an airport without flights, and nothing before the archive', () => {
    const delays = new RecentDelays([landing(12, 30), landing(-1, 90), landing(100, 90)], 100);

    expect(delays.meanBefore('SFO', 13)).toBeNull();
    expect(delays.meanBefore('ORD', -5)).toBeNull();
    expect(delays.meanBefore('ORD', 0)).toBeNull();
  });

  it('does not change with what lands later', () => {
    const landings = fc.array(
      fc.record({
        airport: fc.constantFrom('ORD', 'SFO'),
        slot: fc.integer({ min: 0, max: 99 }),
        flights: fc.integer({ min: 1, max: 5 }),
        delayMinutes: fc.integer({ min: -100, max: 900 }),
      }),
    );
    fc.assert(
      fc.property(landings, fc.integer({ min: 0, max: 99 }), (all, departure) => {
        const known = all.filter(({ slot }) => slot < departure);

        const [withFuture, without] = [new RecentDelays(all, 100), new RecentDelays(known, 100)];

        expect(withFuture.meanBefore('ORD', departure)).toBe(without.meanBefore('ORD', departure));
      }),
    );
  });
});
