import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  lnOddsEvidence,
  lnOddsOfRatio,
  lnTilt,
  oddsInformation,
} from '../../../../../domain/deployment/judge/conditional-odds.ts';

const trials = fc.integer({ min: 1, max: 60 });
const lnOdds = fc.double({ min: -4, max: 6, noNaN: true });

/** The hypergeometric law by plain products, as an independent reference. */
function hypergeometric(c: number, i: number, events: number): Map<number, number> {
  const choose = (n: number, k: number) => {
    let value = 1;
    for (let j = 1; j <= k; j += 1) value = (value * (n - k + j)) / j;
    return value;
  };
  const law = new Map<number, number>();
  for (let x = Math.max(0, events - i); x <= Math.min(events, c); x += 1) {
    law.set(x, (choose(c, x) * choose(i, events - x)) / choose(c + i, events));
  }
  return law;
}

const minute = fc
  .tuple(trials, trials)
  .chain(([c, i]) => fc.tuple(fc.constant(c), fc.constant(i), fc.integer({ min: 0, max: c + i })));

describe('lnTilt', () => {
  it('is the log moment generating function of the hypergeometric law', () => {
    fc.assert(
      fc.property(minute, lnOdds, ([c, i, events], lnOmega) => {
        let expected = 0;
        for (const [x, share] of hypergeometric(c, i, events)) expected += share * Math.exp(x * lnOmega);

        expect(lnTilt(c, i, events, lnOmega)).toBeCloseTo(Math.log(expected), 8);
      }),
    );
  });

  it('stays finite for minutes beyond the table of factorials', () => {
    const value = lnTilt(20_000, 180_000, 2_000, Math.log(2));

    // 2,000 events of which a tenth falls on the candidate: (0.9 + 0.1 × 2)^2000, less for drawing without return.
    expect(value).toBeGreaterThan(180);
    expect(value).toBeLessThan(2_000 * Math.log(1.1));
  });
});

describe('lnOddsEvidence', () => {
  it('is a fair bet when the odds ratio is the tolerated one, and a losing one below', () => {
    fc.assert(
      fc.property(
        minute,
        lnOdds,
        fc.double({ min: 0, max: 1, noNaN: true }),
        ([c, i, events], stake, lnNull) => {
          const expectation = (lnTrue: number) => {
            let total = 0;
            for (const [x, share] of hypergeometric(c, i, events)) {
              const truth = share * Math.exp(x * lnTrue - lnTilt(c, i, events, lnTrue));
              const counts = {
                candidateTrials: c,
                candidateEvents: x,
                incumbentTrials: i,
                incumbentEvents: events - x,
              };
              total += truth * Math.exp(lnOddsEvidence(counts, lnNull + Math.abs(stake), lnNull));
            }
            return total;
          };

          expect(expectation(lnNull)).toBeCloseTo(1, 6);
          expect(expectation(lnNull - 0.5)).toBeLessThanOrEqual(1 + 1e-9);
        },
      ),
    );
  });

  it.each([
    ['the candidate got no request', 0, 0, 10, 3],
    ['the incumbent got no request', 10, 3, 0, 0],
    ['nothing failed', 10, 0, 10, 0],
    ['everything failed', 10, 10, 10, 10],
  ])('says nothing when %s', (_, candidateTrials, candidateEvents, incumbentTrials, incumbentEvents) => {
    const counts = { candidateTrials, candidateEvents, incumbentTrials, incumbentEvents };

    expect(lnOddsEvidence(counts, 1, 0)).toBe(0);
  });
});

describe('lnOddsOfRatio', () => {
  it('is the ratio itself for rare events and more for frequent ones', () => {
    const rare = { candidateTrials: 1e5, candidateEvents: 1, incumbentTrials: 1e5, incumbentEvents: 1 };
    const frequent = { candidateTrials: 100, candidateEvents: 30, incumbentTrials: 100, incumbentEvents: 30 };

    expect(Math.exp(lnOddsOfRatio(rare, 1.1))).toBeCloseTo(1.1, 4);
    expect(Math.exp(lnOddsOfRatio(frequent, 1.1))).toBeCloseTo(1.147, 2);
  });

  it('is finite when everything fails and when nothing was asked', () => {
    const all = { candidateTrials: 10, candidateEvents: 10, incumbentTrials: 10, incumbentEvents: 10 };
    const none = { candidateTrials: 0, candidateEvents: 0, incumbentTrials: 0, incumbentEvents: 0 };

    expect(Number.isFinite(lnOddsOfRatio(all, 3))).toBe(true);
    expect(lnOddsOfRatio(none, 2)).toBeCloseTo(Math.log(2), 9);
  });
});

describe('oddsInformation', () => {
  it('is zero without difference and positive with one', () => {
    const counts = { candidateTrials: 20, candidateEvents: 2, incumbentTrials: 20, incumbentEvents: 2 };

    expect(oddsInformation(counts, 0)).toBe(0);
    expect(oddsInformation(counts, Math.log(2))).toBeGreaterThan(0);
    expect(oddsInformation({ ...counts, incumbentTrials: 0, incumbentEvents: 0 }, 1)).toBe(0);
  });
});
