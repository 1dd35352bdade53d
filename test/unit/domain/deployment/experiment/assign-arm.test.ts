import { describe, expect, it } from 'vitest';
import { assignArm, keepAssignmentKey } from '../../../../../domain/deployment/experiment/assign-arm.ts';

const KEYS = Array.from({ length: 20_000 }, (_, k) =>
  keepAssignmentKey(Buffer.from('tenant key'), `user-${k}`),
);

function assignAll(shares: Readonly<Record<number, number>>, test = 'rol_1'): number[] {
  const arms = Object.entries(shares).map(([version, share]) => ({ version: Number(version), share }));
  return KEYS.map((key) => assignArm(key, test, arms));
}

describe('assignArm', () => {
  it('keeps every key of a growing arm on it, and moves others to that arm only', () => {
    const steps = [0.01, 0.1, 0.2, 0.5, 0.9].map((share) => assignAll({ 1: 1 - share, 2: share }));

    for (const [k, after] of steps.entries()) {
      const before = steps[k - 1] ?? after;
      expect(before.every((arm, key) => arm === 1 || after[key] === 2)).toBe(true);
    }
  });

  it('leaves at least 99.9 % of those alone whose share did not shrink, with three arms', () => {
    const before = assignAll({ 1: 0.8, 2: 0.1, 3: 0.1 });
    const after = assignAll({ 1: 0.7, 2: 0.2, 3: 0.1 });

    const grown = KEYS.flatMap((_, key) => (before[key] === 2 ? [after[key] === 2] : []));
    const moved = KEYS.filter((_, key) => before[key] !== after[key]);

    expect(grown.filter(Boolean).length / grown.length).toBeGreaterThanOrEqual(0.999);
    // A tenth of the callers has to move for the share to grow by a tenth; little more does.
    expect(moved.length / KEYS.length).toBeLessThan(0.12);
  });

  it('gives the arms their shares', () => {
    const arms = assignAll({ 1: 0.5, 2: 0.3, 3: 0.2 });

    const shares = [1, 2, 3].map((arm) => arms.filter((one) => one === arm).length / arms.length);

    // Four standard deviations of a share of 20,000 keys.
    for (const [k, share] of [0.5, 0.3, 0.2].entries())
      expect(Math.abs(shares[k]! - share)).toBeLessThan(0.0145);
  });

  it('mixes the callers anew in another test', () => {
    const [one, other] = [assignAll({ 1: 0.5, 2: 0.5 }), assignAll({ 1: 0.5, 2: 0.5 }, 'rol_2')];

    const both = one.filter((arm, key) => arm === other[key]).length / KEYS.length;

    expect(both).toBeGreaterThan(0.48);
    expect(both).toBeLessThan(0.52);
  });

  it('gives an arm without a share nobody', () => {
    expect(new Set(assignAll({ 1: 1, 2: 0 }))).toEqual(new Set([1]));
    expect(() => assignArm('key', 'rol_1', [{ version: 1, share: 0 }])).toThrow(RangeError);
  });
});

describe('keepAssignmentKey', () => {
  it('is a digest that another tenant’s key makes otherwise', () => {
    const [one, other] = ['a', 'b'].map((secret) =>
      keepAssignmentKey(Buffer.from(secret), 'ann@example.org'),
    );

    expect(one).toMatch(/^[0-9a-f]{64}$/);
    expect(other).not.toBe(one);
  });
});
