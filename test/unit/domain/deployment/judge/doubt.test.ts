import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addDoubt, doubtLimit, FULL_DOUBT } from '../../../../../domain/deployment/judge/doubt.ts';
import {
  addEvidence,
  startEvidence,
  totalEvidence,
} from '../../../../../domain/deployment/judge/evidence.ts';

describe('addEvidence', () => {
  it('never stakes more than 1 in a whole rollout', () => {
    const stakes = [0.5, 0.5];
    let evidence = startEvidence(stakes);

    for (let minute = 0; minute < 120; minute += 1) evidence = addEvidence(evidence, stakes, [0, 0], 120);

    expect(totalEvidence(evidence)).toBeCloseTo(1, 9);
  });

  it('stays finite and above zero', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -2000, max: 2000, noNaN: true })), (lnRatios) => {
        let evidence = startEvidence([1]);
        for (const lnRatio of lnRatios) evidence = addEvidence(evidence, [1], [lnRatio], 120);

        expect(Number.isFinite(totalEvidence(evidence))).toBe(true);
        expect(totalEvidence(evidence)).toBeGreaterThan(0);
      }),
    );
  });
});

describe('addDoubt', () => {
  it('recovers from a long good time within the information of one late defect', () => {
    let doubt = FULL_DOUBT;
    for (let minute = 0; minute < 30; minute += 1) doubt = addDoubt(doubt, -5, 5);
    for (let minute = 0; minute < 4; minute += 1) doubt = addDoubt(doubt, 5, 5);

    expect(doubt[0]).toBeGreaterThan(1);
  });
});

describe('doubtLimit', () => {
  it('asks for clear odds while little is known', () => {
    expect(doubtLimit(0, false)).toBeLessThan(0.1);
    expect(doubtLimit(3.9, false)).toBeLessThan(0.1);
    expect(doubtLimit(1.9, true)).toBeLessThan(0.1);
  });

  it('rises with the information, but never beyond odds of about 3', () => {
    expect(doubtLimit(12, false)).toBeGreaterThan(doubtLimit(8, false));
    expect(doubtLimit(1000, false)).toBeLessThan(3.1);
  });

  it('is wider for a candidate with ample samples, whose odds are usual for a good one', () => {
    expect(doubtLimit(6, true)).toBeGreaterThan(doubtLimit(6, false));
  });
});
