import { describe, expect, it } from 'vitest';
import { RefusedError } from '../../../../domain/shared/domain-error.ts';
import { splitByTime } from '../../../../domain/training/split-by-time.ts';

describe('splitByTime', () => {
  it('keeps later rows for validation and the latest for the hold-out', () => {
    const times = Float64Array.of(50, 10, 30, 20, 40, 60, 80, 70, 100, 90);

    const split = splitByTime(times, { validationShare: 0.2, holdOutShare: 0.3 });

    expect([...split.training]).toEqual([1, 3, 2, 4, 0]);
    expect([...split.validation]).toEqual([5, 7]);
    expect([...split.holdOut]).toEqual([6, 9, 8]);
    expect(split).toMatchObject({ validationFrom: 60, holdOutFrom: 80 });
  });

  it('never parts rows of one instant', () => {
    const times = Float64Array.of(1, 1, 1, 2, 2, 2, 2, 3, 3, 3);

    const split = splitByTime(times, { validationShare: 0.3, holdOutShare: 0.25 });

    expect([split.training, split.validation, split.holdOut].map((part) => part.length)).toEqual([3, 4, 3]);
  });

  it('cuts at given times', () => {
    const split = splitByTime(Float64Array.of(1, 2, 3, 4), { validationFrom: 2.5, holdOutFrom: 4 });

    expect([split.training, split.validation, split.holdOut].map((part) => part.length)).toEqual([2, 1, 1]);
  });

  it('uses 15 % each when nothing is said', () => {
    const split = splitByTime(Float64Array.from({ length: 1000 }, (_, i) => i));

    expect([split.training, split.validation, split.holdOut].map((part) => part.length)).toEqual([
      700, 150, 150,
    ]);
  });

  it.each<[string, Float64Array, Parameters<typeof splitByTime>[1]]>([
    ['all rows are of one instant', new Float64Array(10), undefined],
    ['no row is late enough', Float64Array.of(1, 2, 3), { validationFrom: 2, holdOutFrom: 9 }],
    ['there are no rows', new Float64Array(0), undefined],
  ])('refuses when %s', (_case, times, policy) => {
    expect(() => splitByTime(times, policy)).toThrow(RefusedError);
  });

  it('refuses times that are missing and policies without sense', () => {
    expect(() => splitByTime(Float64Array.of(1, Number.NaN))).toThrow('needs a time');
    expect(() => splitByTime(Float64Array.of(1, 2), { validationFrom: 5, holdOutFrom: 5 })).toThrow('before');
    expect(() => splitByTime(Float64Array.of(1, 2), { validationShare: 0.5, holdOutShare: 0.5 })).toThrow(
      'below 1',
    );
  });
});
