import { type Figure, median } from '../bench.ts';
import type { Cell } from './cells.ts';
import type { Rollout } from './simulate.ts';

/** Median minutes from turning bad to rollback that are held, by request rate; null: waiting is right. */
const MINUTES: Readonly<Record<string, Readonly<Record<number, number | null>>>> = {
  crash: { 2000: 1, 200: 1, 20: 3 },
  'errors 2 to 4 %': { 2000: 6, 200: 30, 20: null },
  'errors 0.1 to 1 %': { 2000: 4, 200: 22, 20: null },
  'latency + 100 %': { 2000: 6, 200: 6, 20: 18 },
  'latency + 20 %': { 2000: 10, 200: 35, 20: null },
  'score + 1 sd': { 2000: 2, 200: 8, 20: 50 },
  'accuracy - 0.10': { 2000: 7, 200: 24, 20: null },
  'absolute error + 30 %': { 2000: 10, 200: 26, 20: null },
  'constant answers': { 2000: 2, 200: 4, 20: 27 },
  'bad after 30: errors 10 %': { 2000: 1, 200: 7, 20: 40 },
};

const WORST = 'judge: false rollbacks, worst good case';
const BUSY = 200;
const HOLD_MINUTES = 30;
const LARGEST_STATE_BYTES = 4096;

/** Every figure of the judge's bar from the simulated cells. */
export function toFigures(cells: readonly Cell[], holdsWorstCase: boolean): Figure[] {
  const good = cells.filter(({ scenario }) => scenario.kind === 'good');
  const bad = cells.filter(({ scenario }) => scenario.kind === 'bad');
  const silent = cells.filter(({ scenario }) => scenario.kind === 'silent');
  const busyGood = good.filter(({ rate }) => rate >= BUSY);
  const quietGood = good.filter(({ rate }) => rate === 20);
  const busyBad = bad.filter(({ rate }) => rate >= BUSY);
  return [
    upTo('judge: false rollbacks, mean', percent(good, isHarm), '%', 0.2),
    holdsWorstCase
      ? upTo(WORST, worst(good, isHarm), '%', 0.5)
      : { name: WORST, value: worst(good, isHarm), unit: '%' },
    upTo('judge: wrong promotions', percent(bad, isPromoted), '%', 1),
    from('judge: no data told apart', percent(silent, isToldApart), '%', 100),
    from('judge: good promoted by minute 50, >= 200/min', percent(busyGood, isPromotedEarly), '%', 99.5),
    from('judge: bad found, >= 200/min', percent(busyBad, isHarm), '%', 98),
    from('judge: good promoted in 120 minutes, 20/min', percent(quietGood, isPromoted), '%', 60),
    ...crashFigures(bad),
    ...bad.flatMap(detectionFigure),
    upTo('judge: state', largestState(cells), 'bytes', LARGEST_STATE_BYTES),
  ];
}

function crashFigures(bad: readonly Cell[]): Figure[] {
  return bad
    .filter(({ scenario, rate }) => scenario.name === 'crash' && rate >= 20)
    .map(({ rate, rollouts }) => {
      const requests = rollouts.reduce((sum, rollout) => sum + rollout.harmedRequests, 0) / rollouts.length;
      return rate >= BUSY
        ? upTo(`judge: crash harm at ${rate}/min`, (100 * requests) / rate, '% of a minute', 11)
        : upTo(`judge: crash harm at ${rate}/min`, requests, 'requests', 6);
    });
}

function detectionFigure({ rate, scenario, rollouts }: Cell): Figure[] {
  const most = MINUTES[scenario.name]?.[rate];
  if (most === undefined || most === null) return [];
  const turnsAt = scenario.turnsAt ?? 0;
  const never = 1000;
  const minutes = rollouts.map((rollout) => (isHarm(rollout) ? rollout.minutes - turnsAt : never));
  return [upTo(`judge: ${scenario.name} at ${rate}/min`, median(minutes), 'minutes', most)];
}

function isHarm({ outcome, cause }: Rollout): boolean {
  return outcome === 'ROLL_BACK' && cause !== 'TIMEOUT';
}

function isPromoted({ outcome }: Rollout): boolean {
  return outcome === 'PROMOTE';
}

function isPromotedEarly(rollout: Rollout): boolean {
  return isPromoted(rollout) && rollout.minutes <= 50;
}

function isToldApart({ outcome, cause, firstPauseAt, minutes }: Rollout): boolean {
  const wasHeld = firstPauseAt !== null && minutes - firstPauseAt > HOLD_MINUTES;
  return wasHeld && outcome !== 'PROMOTE' && (cause === 'NO_DATA' || cause === 'TIMEOUT');
}

function percent(cells: readonly Cell[], test: (rollout: Rollout) => boolean): number {
  const shares = cells.map((cell) => shareOf(cell, test));
  return (100 * shares.reduce((sum, share) => sum + share, 0)) / shares.length;
}

function worst(cells: readonly Cell[], test: (rollout: Rollout) => boolean): number {
  return 100 * Math.max(...cells.map((cell) => shareOf(cell, test)));
}

function shareOf({ rollouts }: Cell, test: (rollout: Rollout) => boolean): number {
  return rollouts.filter(test).length / rollouts.length;
}

function largestState(cells: readonly Cell[]): number {
  return Math.max(...cells.flatMap(({ rollouts }) => rollouts.map((rollout) => rollout.largestState)));
}

function upTo(name: string, value: number, unit: string, most: number): Figure {
  return { name, value, unit, bar: `<= ${most}`, ok: value <= most };
}

function from(name: string, value: number, unit: string, least: number): Figure {
  return { name, value, unit, bar: `>= ${least}`, ok: value >= least };
}
