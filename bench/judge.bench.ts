import type { Bench } from './bench.ts';
import { measureCells } from './judge/cells.ts';
import { toFigures } from './judge/figures.ts';
import { measureSpeed } from './judge/speed.ts';

/** The bar's own numbers of rollouts; the short run has too few for the worst case, which it only shows. */
const isFull = process.env.JUDGE_BENCH === 'full';
const ROLLOUTS = isFull ? { good: 1000, bad: 200 } : { good: 200, bad: 60 };

/** The first seed; another one gives other traffic in every case. */
const SEED = Number(process.env.JUDGE_BENCH_SEED ?? 20_260_101);

export const bars: Bench[] = [
  {
    name: 'rollout judge',
    async run() {
      return [...toFigures(measureCells(ROLLOUTS, SEED), isFull), ...measureSpeed(SEED)];
    },
  },
];
