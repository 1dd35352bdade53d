import { describe, expect, it } from 'vitest';
import { type Flight, lateShare, toCsv, toDataframeSplit } from '../../../../local/tour/flight.ts';

const FLIGHT: Flight = {
  departsAt: Date.UTC(2001, 0, 2, 9, 30),
  ...{ hour: 9, distance: 240, origin: 'ORD', destination: 'SFO', late: 1 },
  ...{ originDelay: null, inboundDelay: 20, destinationDelay: -3.5, destinationInboundDelay: null },
};

describe('toCsv', () => {
  it('writes time, features and label, and leaves a missing value empty', () => {
    const text = toCsv([FLIGHT]);

    expect(text.split('\n')).toEqual([
      'date,hour,distance,origin,destination,originDelay,inboundDelay,destinationDelay,destinationInboundDelay,late',
      '2001-01-02 09:30:00,9,240,ORD,SFO,,20,-3.5,,1',
      '',
    ]);
  });
});

describe('toDataframeSplit', () => {
  it('hands no label and no time to the model', () => {
    const { dataframe_split: table } = toDataframeSplit([FLIGHT]);

    expect(table.columns).not.toContain('late');
    expect(table.columns).not.toContain('date');
    expect(table.data).toEqual([[9, 240, 'ORD', 'SFO', null, 20, -3.5, null]]);
  });
});

describe('lateShare', () => {
  it('is the share of late flights', () => {
    expect(lateShare([FLIGHT, { ...FLIGHT, late: 0 }])).toBe(0.5);
    expect(lateShare([])).toBe(0);
  });
});
