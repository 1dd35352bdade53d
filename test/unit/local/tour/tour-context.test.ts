import { describe, expect, it } from 'vitest';
import { nameTour } from '../../../../local/tour/tour-context.ts';

describe('nameTour', () => {
  it('gives the first tour plain names', () => {
    expect(nameTour(['fraud'])).toMatchObject({ model: 'flight-delays', dataset: 'flights' });
  });

  it('numbers a repeated tour after the last one', () => {
    const names = nameTour([
      'flight-delays',
      'flight-delays-faults',
      'flight-delays-3',
      'flight-delays-faults-3',
    ]);

    expect(names).toMatchObject({ model: 'flight-delays-4', faults: 'flight-delays-faults-4' });
  });
});
