import * as fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { readLanded } from '../../../../domain/monitoring/landed.ts';
import {
  addSequence,
  countLoss,
  mergeSequences,
  type SequenceRanges,
} from '../../../../domain/monitoring/sequences.ts';
import { sketchCaptures } from '../../../../domain/monitoring/sketch-captures.ts';
import { latencyBin } from '../../../../domain/shared/observation.ts';
import {
  MINUTE_MS,
  MonitoringWorld,
  makeBatch,
  makeLine,
  makeShape,
  START_MINUTE,
} from '../../../support/monitoring-world.ts';

const report = (status: string) => JSON.stringify({ time: 'x', type: 'platform.report', record: { status } });

describe('what landed', () => {
  it('is capture lines, and invocations that the platform ended', () => {
    const line = makeLine();
    const events = [
      JSON.stringify(line),
      report('error'),
      report('timeout'),
      report('success'),
      'a log line',
      '{"platform.report"',
    ].map((message) => ({ timestamp: 5, message }));

    const landed = readLanded([{ logStream: '2026/03/01/perennial-ep-a[7]0af', events }]);

    expect(landed.lines).toEqual([line]);
    expect(landed.crashes).toEqual(
      Array(2).fill({ functionName: 'perennial-ep-a', functionVersion: '7', atMs: 5 }),
    );
  });

  it('counts no crash of a stream that is no function’s', () => {
    const events = [{ timestamp: 5, message: report('error') }];

    expect(readLanded([{ logStream: 'something', events }]).crashes).toEqual([]);
  });
});

describe('sketchCaptures', () => {
  let world: MonitoringWorld;
  const served = {
    find: async (name: string) =>
      name === 'fn' ? { tenant: 'acme', endpoint: 'flights', version: 1 } : undefined,
  };
  const run = (key: string) =>
    sketchCaptures(
      {
        landing: world,
        windows: world,
        archive: world,
        shapes: { find: async () => makeShape() },
        served,
        nameOf: (k) => k,
      },
      key,
    );

  beforeEach(() => {
    world = new MonitoringWorld();
  });

  it('counts requests, rows, latency and scores by version and minute', async () => {
    const later = makeLine({ n: 1, t: (START_MINUTE + 1) * MINUTE_MS, v: 2, ms: 40 });
    world.landed.set('o1', [makeBatch([makeLine(), later])]);

    const rows = await run('o1');

    const [first, second] = [...world.windows.values()];
    expect(rows).toBe(20);
    expect(first).toMatchObject({
      version: 1,
      minute: START_MINUTE,
      rows: 10,
      observation: { requests: 1, errors: 0 },
    });
    expect(first?.observation.score[14]).toBe(10);
    expect(second?.observation.latency[latencyBin(40)]).toBe(1);
    expect(second?.version).toBe(2);
  });

  it('changes nothing when the same object comes again', async () => {
    world.landed.set('o1', [makeBatch([makeLine(), makeLine({ n: 1 })])]);

    await run('o1');
    const once = structuredClone(
      [...world.windows.values()].map(({ rows, sequences }) => ({ rows, sequences })),
    );
    await run('o1');

    expect([...world.windows.values()].map(({ rows, sequences }) => ({ rows, sequences }))).toEqual(once);
    expect(world.rows.size).toBe(1);
  });

  it('counts a split request once, and its rows all', async () => {
    world.landed.set('o1', [makeBatch([makeLine({ o: 0, m: 20 }), makeLine({ n: 1, o: 10, m: 20 })])]);

    await run('o1');

    const [window] = [...world.windows.values()];
    expect([window?.observation.requests, window?.rows]).toEqual([1, 20]);
    expect([...world.rows.values()][0]?.map(({ row }) => row)).toEqual(
      Array.from({ length: 20 }, (_, i) => i),
    );
  });

  it.each([
    [500, 1],
    [400, 1],
    [422, 1],
    [413, 0],
    [403, 0],
  ])('counts status %s as %s failures of the version', async (s, errors) => {
    world.landed.set('o1', [makeBatch([makeLine({ s, err: 'X', f: [], y: [] })])]);

    await run('o1');

    expect([...world.windows.values()][0]?.observation.errors).toBe(errors);
  });

  it('counts invocations that died without a line as failed requests of their version', async () => {
    const t = START_MINUTE * MINUTE_MS;
    const events = [{ timestamp: t, message: report('error') }];
    world.landed.set('o1', [
      { logStream: '2026/03/01/fn[3]e', events },
      { logStream: '2026/03/01/other[3]e', events },
    ]);

    await run('o1');

    expect([...world.windows.values()]).toHaveLength(1);
    expect([...world.windows.values()][0]?.observation).toMatchObject({ requests: 1, errors: 1 });
  });

  it('keeps raw rows by column name, an empty text as missing', async () => {
    world.landed.set('o1', [makeBatch([makeLine({ f: [['', 5]], y: [0], q: [0.1], x: 'mine' })])]);

    await run('o1');

    expect([...world.rows.values()][0]?.[0]).toEqual({
      predictionId: 'prd_0',
      inferenceId: 'mine',
      row: 0,
      at: START_MINUTE * MINUTE_MS + 1000,
      version: 1,
      features: { carrier: null, distance: 5 },
      prediction: 0,
      score: 0.1,
    });
  });

  it('loses no rows of a version that nobody registered', async () => {
    world.landed.set('o1', [
      makeBatch([makeLine({ f: [['AA', 5]], y: [0] })]),
      makeBatch([makeLine({ k: 'nonsense' })]),
    ]);

    const rows = await sketchCaptures(
      {
        landing: world,
        windows: world,
        archive: world,
        shapes: { find: async () => undefined },
        served,
        nameOf: (k) => k,
      },
      'o1',
    );

    expect(rows).toBe(1);
    expect([...world.windows.values()][0]?.sketch).toBeUndefined();
    expect([...world.rows.values()][0]?.[0]?.features).toEqual({ column0: 'AA', column1: 5 });
  });

  it('has nothing to do for an object that is gone', async () => {
    expect(await run('absent')).toBe(0);
  });
});

describe('sequence numbers', () => {
  const of = (...numbers: number[]) =>
    numbers.reduce<SequenceRanges>((ranges, n) => addSequence(ranges, 'e', n), {});

  it('tell gaps and repeats, whatever the order of arrival', () => {
    expect(countLoss(of(5, 3, 4, 4, 9))).toEqual({ gaps: 3, repeats: 1, lines: 5 });
    expect(countLoss(of(2, 3), true)).toEqual({ gaps: 2, repeats: 0, lines: 2 });
  });

  it('merge to the same from any two halves', () => {
    const numbers = fc.array(fc.nat(50), { minLength: 1, maxLength: 40 });

    fc.assert(
      fc.property(numbers, fc.nat(40), (all, cut) => {
        const merged = mergeSequences(of(...all.slice(0, cut)), of(...all.slice(cut)));
        expect(merged).toEqual(of(...all));
      }),
    );
  });

  it('are counted per environment', () => {
    const both = mergeSequences(addSequence({}, 'a', 0), addSequence({}, 'b', 7));

    expect(countLoss(both).gaps).toBe(0);
  });
});
