import { describe, expect, it } from 'vitest';
import { addTable } from '../../../../../domain/monitoring/add-table.ts';
import { assessDrift } from '../../../../../domain/monitoring/drift/assess-drift.ts';
import type { DriftReport, DriftVerdict } from '../../../../../domain/monitoring/drift/drift-report.ts';
import {
  advanceDriftSequence,
  type SequenceAlarm,
  startDriftSequence,
} from '../../../../../domain/monitoring/drift/drift-sequence.ts';
import { DEFAULT_PERSISTENCE, isPersistent } from '../../../../../domain/monitoring/drift/persistence.ts';
import { createSketch } from '../../../../../domain/monitoring/sketch.ts';
import { buildProfile } from '../../../../../domain/shared/profile/build-profile.ts';
import { createRandom, type MadeRow, makeTable } from '../../../../support/made-tables.ts';

const PROFILE = buildProfile(makeTable(createRandom(1), 5000));

function* windows(seed: number, rows: number, change: (row: MadeRow) => void): Generator<DriftReport> {
  const random = createRandom(seed);
  for (;;) {
    const sketch = createSketch(PROFILE);
    addTable(sketch, makeTable(random, rows, change));
    yield assessDrift(sketch);
  }
}

function alarmsOver(reports: Iterable<DriftReport>, count: number): SequenceAlarm[][] {
  const alarms: SequenceAlarm[][] = [];
  let sequence = startDriftSequence();
  for (const report of reports) {
    const step = advanceDriftSequence(JSON.parse(JSON.stringify(sequence)), report);
    sequence = step.sequence;
    alarms.push([...step.alarms]);
    if (alarms.length === count) break;
  }
  return alarms;
}

describe('advanceDriftSequence', () => {
  it('stays silent over a hundred windows without drift', () => {
    const alarms = alarmsOver(
      windows(2, 50, () => {}),
      100,
    );

    expect(alarms.flat()).toEqual([]);
  });

  it('adds up small windows that none finds drift alone', () => {
    const alarms = alarmsOver(
      windows(3, 50, (row) => {
        row.gaps = row.gaps === null ? null : row.gaps - 4;
      }),
      20,
    );

    const first = alarms.findIndex((found) => found.length > 0);
    expect(first).toBeGreaterThan(0);
    expect(first).toBeLessThan(12);
    expect(alarms[first]![0]).toMatchObject({ column: 'gaps', verdict: 'MODERATE' });
    expect(alarms[first]![0]!.reason).toContain('down window after window');
  });

  it('passes on what a window finds alone', () => {
    const [alarms] = alarmsOver(
      windows(4, 500, (row) => {
        row.a += 1;
      }),
      1,
    );

    expect(alarms!.find(({ column }) => column === 'a')!.verdict).toBe('SEVERE');
  });

  it('tells what nearly fails twice running', () => {
    const near = (pValue: number): DriftReport => {
      const tests = [
        {
          test: 'missing',
          effect: 0.1,
          pValue,
          correctedPValue: 1,
          size: 'SIGNIFICANT',
          verdict: 'NONE',
        } as const,
      ];
      const column = { column: 'x', tests, verdict: 'NONE', shift: null, reasons: [] };
      return {
        rows: { reference: 5000, current: 100 },
        columns: [column],
        joint: { pairs: 0, largest: null, tests: [], verdict: 'INSUFFICIENT_DATA', reasons: [] },
        verdict: 'NONE',
        reasons: [],
      } as unknown as DriftReport;
    };

    const alarms = alarmsOver([near(5e-4), near(0.5), near(5e-4), near(5e-4)], 4);

    expect(alarms.map((found) => found.length)).toEqual([0, 0, 0, 1]);
    expect(alarms[3]![0]!.reason).toContain('missing test passed p 0.001 in 2 windows running');
  });

  it('falls silent when the drift is over', () => {
    let shift = 0;
    const reports = windows(5, 200, (row) => {
      row.a += shift;
    });
    const counts: number[] = [];
    let sequence = startDriftSequence();
    for (const size of [0.5, 0.5, 0.5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]) {
      shift = size;
      const step = advanceDriftSequence(sequence, reports.next().value!);
      sequence = step.sequence;
      counts.push(step.alarms.length);
    }

    expect(counts[2]).toBeGreaterThan(0);
    expect(counts.at(-1)).toBe(0);
  });
});

describe('isPersistent', () => {
  const [no, yes, bad, silent]: DriftVerdict[] = ['NONE', 'MODERATE', 'SEVERE', 'INSUFFICIENT_DATA'];
  const rule = { breaches: 2, windows: 3, level: 'MODERATE' } as const;

  it.each([
    ['one window by default', [yes], DEFAULT_PERSISTENCE, true],
    ['nothing at all', [], rule, false],
    ['one of three', [no, no, yes], rule, false],
    ['two of three', [yes, no, bad], rule, true],
    ['two of three, the newest calm', [yes, bad, no], rule, false],
    ['two that are not near', [yes, no, no, yes], rule, false],
    ['silence between', [yes, silent, silent, yes, silent], rule, true],
    ['less than the level', [yes, yes, yes], { ...rule, level: 'SEVERE' as const }, false],
  ])('of %s', (_, verdicts, persistence, expected) => {
    expect(isPersistent(verdicts as DriftVerdict[], persistence)).toBe(expected);
  });
});
