import { describe, expect, it } from 'vitest';
import { InvalidInputError } from '../../../../domain/shared/domain-error.ts';
import { DEFAULT_GBDT_OPTIONS } from '../../../../domain/training/gbdt/options.ts';
import {
  DEFAULT_SEARCH_SPACE,
  type SearchSpace,
  sampleTrials,
} from '../../../../domain/training/search-space.ts';

describe('sampleTrials', () => {
  it('starts with the defaults and draws the others inside the space', () => {
    const trials = sampleTrials(50, 1);

    expect(trials[0]!.options).toEqual({
      ...DEFAULT_GBDT_OPTIONS,
      rounds: 300,
      earlyStoppingRounds: 20,
      seed: trials[0]!.options.seed,
    });
    for (const [name, dimension] of Object.entries(DEFAULT_SEARCH_SPACE)) {
      const drawn = trials.slice(1).map(({ options }) => options[name as keyof typeof options]);
      const { low, high } = dimension as { low: number; high: number };
      expect(Math.min(...drawn)).toBeGreaterThanOrEqual(low);
      expect(Math.max(...drawn)).toBeLessThanOrEqual(high);
      expect(new Set(drawn).size).toBeGreaterThan(20);
    }
  });

  it('repeats with the seed and gives each trial a seed of its own', () => {
    const trials = sampleTrials(5, 7);

    expect(sampleTrials(5, 7)).toEqual(trials);
    expect(sampleTrials(5, 8)).not.toEqual(trials);
    expect(new Set(trials.map(({ options }) => options.seed)).size).toBe(5);
  });

  it('keeps what is fixed and draws the rest as without it', () => {
    const free = sampleTrials(5, 7);

    const fixed = sampleTrials(5, 7, DEFAULT_SEARCH_SPACE, { learningRate: 0.2 });

    expect(fixed.map(({ options }) => options.learningRate)).toEqual([0.2, 0.2, 0.2, 0.2, 0.2]);
    expect(fixed.map(({ options }) => options.maxLeaves)).toEqual(
      free.map(({ options }) => options.maxLeaves),
    );
  });

  it('draws from listed values', () => {
    const trials = sampleTrials(30, 1, { maxDepth: { values: [3, 5] } });

    expect(new Set(trials.slice(1).map(({ options }) => options.maxDepth))).toEqual(new Set([3, 5]));
  });

  it.each<[string, SearchSpace]>([
    ['an unknown option', { depth: { values: [1] } } as SearchSpace],
    ['a value out of range', { maxLeaves: { values: [1] } }],
    ['an empty list', { maxLeaves: { values: [] } }],
    ['a range upside down', { l2: { low: 3, high: 1, scale: 'linear' } }],
    ['a log scale from zero', { l2: { low: 0, high: 1, scale: 'log' } }],
  ])('refuses %s', (_case, space) => {
    expect(() => sampleTrials(2, 1, space)).toThrow(InvalidInputError);
  });
});
