import { describe, expect, it } from 'vitest';
import { deriveSeed, makeRandom, sampleAscending } from '../../../../domain/training/random.ts';

describe('makeRandom', () => {
  it('repeats with the seed and differs between seeds, above 32 bits too', () => {
    const draw = (seed: number) => Array.from({ length: 5 }, makeRandom(seed).uniform);

    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
    expect(draw(1)).not.toEqual(draw(1 + 2 ** 32));
  });

  it('is uniform', () => {
    const random = makeRandom(5);
    const counts = new Array<number>(10).fill(0);

    for (let i = 0; i < 100_000; i++) counts[random.below(10)]! += 1;

    // Four standard deviations of a binomial count of 100,000 × 0.1.
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(4 * Math.sqrt(9000));
  });

  it('derives seeds that differ from part to part', () => {
    const seeds = new Set(Array.from({ length: 100 }, (_, part) => deriveSeed(3, part)));

    expect(seeds.size).toBe(100);
  });
});

describe('sampleAscending', () => {
  it('draws distinct numbers in ascending order', () => {
    const out = new Uint32Array(30);

    sampleAscending(makeRandom(1), 100, 30, out);

    expect([...out]).toEqual([...new Set(out)].sort((a, b) => a - b));
    expect(out[29]).toBeLessThan(100);
  });

  it('takes everything without drawing when all are wanted', () => {
    const out = new Uint32Array(4);

    sampleAscending(makeRandom(1), 4, 4, out);

    expect([...out]).toEqual([0, 1, 2, 3]);
  });
});
