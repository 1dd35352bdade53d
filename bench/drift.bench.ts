import { addRows } from '../domain/monitoring/add-rows.ts';
import { addTable } from '../domain/monitoring/add-table.ts';
import { assessDrift } from '../domain/monitoring/drift/assess-drift.ts';
import { advanceDriftSequence, startDriftSequence } from '../domain/monitoring/drift/drift-sequence.ts';
import { createSketch } from '../domain/monitoring/sketch.ts';
import { toSketchBytes } from '../domain/monitoring/sketch-bytes.ts';
import { buildProfile } from '../domain/shared/profile/build-profile.ts';
import type { Profile } from '../domain/shared/profile/profile.ts';
import { type Column, categoryColumn, numericColumn, type Table } from '../domain/shared/table.ts';
import { atMost, type Bench, type Figure, median } from './bench.ts';

const REFERENCE_ROWS = 5000;
const SHIFT_SD = 0.3;
const HOURS_A_MONTH = 720;
const MONTH_FEATURES = 30;
/** Rows a window and the median hours within which the shift must be found. */
const WINDOWS = [
  { rows: 50, hours: 8 },
  { rows: 200, hours: 2 },
  { rows: 1000, hours: 1 },
] as const;
const TRIALS = 21;

/** Cost of a record, of a report and of a window's state, at 50 features and a million rows. */
const cost: Bench = {
  name: 'drift-cost',
  run: async () => {
    const random = createRandom(1);
    const profile = buildProfile(makeTable(random, REFERENCE_ROWS, 50));
    const rows = makeRows(random, 20_000, 50);
    const sketch = createSketch(profile);
    const laps: number[] = [];
    for (let lap = 0; lap < 50; lap++) {
      const start = performance.now();
      addRows(sketch, rows);
      laps.push(((performance.now() - start) / rows.length) * 1000);
    }
    const reports = Array.from({ length: 20 }, () => {
      const start = performance.now();
      assessDrift(sketch);
      return performance.now() - start;
    });
    return [
      atMost('drift.update-50-features', median(laps), 'us', 2),
      atMost('drift.report-1M-x-50', median(reports), 'ms', 50),
      atMost('drift.state-50-features', toSketchBytes(sketch).length / 1024, 'KB', 12),
      { name: 'drift.profile-50-features', value: JSON.stringify(profile).length / 1024, unit: 'KB' },
    ];
  },
};

/** A month without drift, and the hours until a shift of 0.3 sd in one of 30 features is found. */
const alarms: Bench = {
  name: 'drift-alarms',
  run: async () => {
    const figures: Figure[] = [];
    for (const { rows, hours } of WINDOWS) {
      const random = createRandom(rows);
      figures.push(
        atMost(`drift.false-alarms-a-month-at-${rows}`, countFalseAlarms(random, rows), 'alarms', 1),
        atMost(
          `drift.hours-to-0.3-sd-at-${rows}`,
          median(Array.from({ length: TRIALS }, () => hoursToDetect(random, rows))),
          'h',
          hours,
        ),
      );
    }
    return figures;
  },
};

/** Share of windows of 1,000 rows that find a change which is not a shift. */
const power: Bench = {
  name: 'drift-power',
  run: async () =>
    CHANGES.map(({ name, rows, least, change }) => {
      const random = createRandom(7);
      const profile = buildProfile(makeMixedTable(random, REFERENCE_ROWS), { windowRows: rows });
      let found = 0;
      for (let trial = 0; trial < 40; trial++) {
        const sketch = createSketch(profile);
        addTable(sketch, makeMixedTable(random, rows, change));
        if (assessDrift(sketch).verdict !== 'NONE') found++;
      }
      const share = found / 40;
      return {
        name: `drift.finds-${name}-at-${rows}`,
        value: share,
        unit: 'share',
        bar: `>=${least}`,
        ok: share >= least,
      };
    }),
};

export const bars: Bench[] = [cost, alarms, power];

type Random = () => number;

/** Mulberry32: the same numbers in every run. */
function createRandom(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32 + 1e-12;
  };
}

function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random());
}

/** A fifth of the features each correlated, normal, skewed, discrete. */
function makeRow(random: Random, features: number): number[] {
  const base = normal(random);
  return Array.from({ length: features }, (_, i) => {
    if (i % 5 === 0) return 0.8 * base + 0.6 * normal(random);
    if (i % 5 === 1) return Math.exp(normal(random));
    return i % 5 === 2 ? Math.floor(random() * 20) : normal(random);
  });
}

function makeRows(random: Random, count: number, features: number): number[][] {
  return Array.from({ length: count }, () => makeRow(random, features));
}

function makeTable(random: Random, rows: number, features: number, shift = 0): Table {
  const columns: Record<string, Column> = {};
  const made = makeRows(random, rows, features);
  for (let i = 0; i < features; i++) {
    const offset = i === SHIFTED ? shift : 0;
    columns[`feature${i}`] = numericColumn(made.map((row) => row[i]! + offset));
  }
  return { rows, columns };
}

/** A normal feature. */
const SHIFTED = 3;

function assessWindow(profile: Profile, table: Table) {
  const sketch = createSketch(profile);
  addTable(sketch, table);
  return assessDrift(sketch);
}

function countFalseAlarms(random: Random, rows: number): number {
  const profile = buildProfile(makeTable(random, REFERENCE_ROWS, MONTH_FEATURES), { windowRows: rows });
  let sequence = startDriftSequence();
  let count = 0;
  for (let hour = 0; hour < HOURS_A_MONTH; hour++) {
    const step = advanceDriftSequence(
      sequence,
      assessWindow(profile, makeTable(random, rows, MONTH_FEATURES)),
    );
    sequence = step.sequence;
    count += step.alarms.length;
  }
  return count;
}

function hoursToDetect(random: Random, rows: number): number {
  const profile = buildProfile(makeTable(random, REFERENCE_ROWS, MONTH_FEATURES), { windowRows: rows });
  let sequence = startDriftSequence();
  for (let hour = 1; hour <= 48; hour++) {
    const table = makeTable(random, rows, MONTH_FEATURES, SHIFT_SD);
    const step = advanceDriftSequence(sequence, assessWindow(profile, table));
    sequence = step.sequence;
    if (step.alarms.some(({ column }) => column === `feature${SHIFTED}`)) return hour;
  }
  return 48;
}

interface MixedRow {
  a: number;
  b: number;
  gaps: number;
  kind: string;
  origin: string;
}

const CHANGES: readonly {
  readonly name: string;
  readonly rows: number;
  readonly least: number;
  readonly change: (row: MixedRow, random: Random) => void;
}[] = [
  {
    name: 'new-category-3%',
    rows: 1000,
    least: 0.9,
    change: (row, random) => {
      if (random() < 0.03) row.kind = 'new';
    },
  },
  {
    name: 'lost-category',
    rows: 1000,
    least: 0.9,
    change: (row, random) => {
      while (row.origin === 'origin0') row.origin = drawOrigin(random);
    },
  },
  {
    name: '1%-of-rows-x-50',
    rows: 1000,
    least: 0.9,
    change: (row, random) => {
      if (random() < 0.01) row.a *= 50;
    },
  },
  {
    name: 'cut-correlation',
    rows: 1000,
    least: 0.9,
    change: (row, random) => {
      row.b = normal(random);
    },
  },
  {
    name: 'missing-2-to-15%',
    rows: 200,
    least: 0.95,
    change: (row, random) => {
      if (random() < 0.1327) row.gaps = Number.NaN;
    },
  },
];

const ORIGINS = 200;
/** 200 categories by Zipf's law: the largest holds a sixth. */
const ORIGIN_SHARES = Array.from({ length: ORIGINS }, (_, i) => 1 / (i + 1));
const ORIGIN_TOTAL = ORIGIN_SHARES.reduce((sum, share) => sum + share, 0);

function drawOrigin(random: Random): string {
  let rest = random() * ORIGIN_TOTAL;
  for (let i = 0; i < ORIGINS - 1; i++) {
    rest -= ORIGIN_SHARES[i]!;
    if (rest < 0) return `origin${i}`;
  }
  return `origin${ORIGINS - 1}`;
}

function makeMixedTable(
  random: Random,
  rows: number,
  change: (row: MixedRow, random: Random) => void = () => {},
): Table {
  const made = Array.from({ length: rows }, () => {
    const a = normal(random);
    const row: MixedRow = {
      a,
      b: 0.6 * a + 0.8 * normal(random),
      gaps: random() < 0.02 ? Number.NaN : normal(random),
      kind: `kind${Math.floor(random() * 5)}`,
      origin: drawOrigin(random),
    };
    change(row, random);
    return row;
  });
  return {
    rows,
    columns: {
      a: numericColumn(made.map((row) => row.a)),
      b: numericColumn(made.map((row) => row.b)),
      gaps: numericColumn(made.map((row) => row.gaps)),
      kind: categoryColumn(made.map((row) => row.kind)),
      origin: categoryColumn(made.map((row) => row.origin)),
    },
  };
}
