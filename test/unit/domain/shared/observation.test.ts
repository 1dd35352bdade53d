import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  emptyObservation,
  LATENCY_EDGES_MS,
  latencyBin,
  mergeObservations,
  type Outcomes,
  SCORE_BINS,
  scoreBin,
  toLatencyHistogram,
  toScoreHistogram,
} from '../../../../domain/shared/observation.ts';

describe('latency bins', () => {
  it('have 97 edges, 24 a decade, from 1 ms to 10 s', () => {
    expect(LATENCY_EDGES_MS).toHaveLength(97);
    expect(LATENCY_EDGES_MS[0]).toBe(1);
    expect(LATENCY_EDGES_MS[24]).toBeCloseTo(10, 9);
    expect(LATENCY_EDGES_MS[96]).toBe(10_000);
  });

  it.each([
    ['an edge belongs to the bin it closes', 1, 0],
    ['just above an edge is the next bin', 1.0001, 1],
    ['above the last edge is the last bin', 10_001, 97],
    ['zero is the first bin', 0, 0],
    ['not a number is the first bin', Number.NaN, 0],
  ])('%s', (_, latencyMs, bin) => {
    expect(latencyBin(latencyMs)).toBe(bin);
  });

  it('count every latency once', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1e6, noNaN: true })), (latencies) => {
        const counts = toLatencyHistogram(latencies);

        expect(counts).toHaveLength(98);
        expect(counts.reduce((sum, count) => sum + count, 0)).toBe(latencies.length);
      }),
    );
  });
});

describe('score bins', () => {
  it('divide the unit interval in twenty', () => {
    expect(
      toScoreHistogram([0, 0.05, 0.999, 1])
        .map((count, k) => [k, count])
        .filter(([, count]) => count),
    ).toEqual([
      [0, 1],
      [1, 1],
      [19, 2],
    ]);
  });

  it.each([
    ['below the range is the first bin', -5, 0],
    ['above the range is the last bin', 500, SCORE_BINS - 1],
    ['the middle is the eleventh bin', 100, 10],
    ['not a number is the first bin', Number.NaN, 0],
  ])('%s', (_, score, bin) => {
    expect(scoreBin(score, { low: 0, high: 200 })).toBe(bin);
  });

  it('put everything in the first bin when the range is empty', () => {
    expect(scoreBin(7, { low: 3, high: 3 })).toBe(0);
  });
});

describe('mergeObservations', () => {
  const classification: Outcomes = { kind: 'classification', tp: 1, fp: 2, tn: 3, fn: 4 };
  const regression: Outcomes = { kind: 'regression', count: 2, abs_error_sum: 3, abs_error_sq_sum: 5 };

  it('adds requests, errors and histograms', () => {
    const one = { ...emptyObservation(), requests: 3, errors: 1, latency: toLatencyHistogram([1, 2, 3]) };
    const other = { ...emptyObservation(), requests: 2, errors: 2, score: toScoreHistogram([0.5]) };

    const merged = mergeObservations(one, other);

    expect(merged.requests).toBe(5);
    expect(merged.errors).toBe(3);
    expect(merged.latency).toEqual(one.latency);
    expect(merged.score).toEqual(other.score);
  });

  it.each([
    ['nothing and nothing', null, null, null],
    ['labels and nothing', classification, null, classification],
    ['nothing and labels', null, regression, regression],
    ['labels twice', classification, classification, { kind: 'classification', tp: 2, fp: 4, tn: 6, fn: 8 }],
    [
      'errors twice',
      regression,
      regression,
      { kind: 'regression', count: 4, abs_error_sum: 6, abs_error_sq_sum: 10 },
    ],
  ])('merges outcomes: %s', (_, a, b, expected) => {
    const merged = mergeObservations(
      { ...emptyObservation(), outcomes: a },
      { ...emptyObservation(), outcomes: b },
    );

    expect(merged.outcomes).toEqual(expected);
  });

  it('refuses outcomes of two kinds', () => {
    const a = { ...emptyObservation(), outcomes: classification };
    const b = { ...emptyObservation(), outcomes: regression };

    expect(() => mergeObservations(a, b)).toThrow(TypeError);
  });
});
