import { describe, expect, it } from 'vitest';
import { describeResult } from '../../../../local/tour/train-model.ts';

describe('describeResult', () => {
  it('tells plain values and leaves lists out', () => {
    expect(describeResult({ rows: 33370, findings: [] })).toBe('rows 33370');
  });

  it('tells metrics, slices and how the candidate did beside the champion', () => {
    const comparison = { candidate: 0.7633, champion: 0.748, low: 0.0113, high: 0.0193 };
    const slices = [
      { label: 'ORD', metrics: { auc: 0.798 } },
      { label: 'LAX', metrics: {} },
    ];

    const text = describeResult({ passed: true, metrics: { auc: 0.76333 }, slices, comparison });

    expect(text.split(' · ')).toEqual([
      'passed true',
      'auc 0.7633',
      'auc by slice: ORD 0.798, LAX -',
      'against the champion 0.7633 : 0.7480, advantage 0.0113 to 0.0193 (95 %)',
    ]);
  });
});
