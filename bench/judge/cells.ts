import { type Case, casesAt, RATES } from './cases.ts';
import { type Rollout, simulateRollout } from './simulate.ts';

/** All rollouts of one case at one request rate. */
export interface Cell {
  readonly rate: number;
  readonly scenario: Case;
  readonly rollouts: readonly Rollout[];
}

/** Apart from every other case's, so that no two rollouts of a run share their traffic. */
const SEEDS_PER_CELL = 10_007;

/** Simulates every case at every rate. */
export function measureCells(count: { readonly good: number; readonly bad: number }, seed: number): Cell[] {
  const cases = RATES.flatMap((rate) => casesAt(rate).map((scenario) => ({ rate, scenario })));
  return cases.map(({ rate, scenario }, cell) => {
    const rollouts = scenario.kind === 'good' ? count.good : count.bad;
    const first = seed + cell * SEEDS_PER_CELL;
    return {
      rate,
      scenario,
      rollouts: Array.from({ length: rollouts }, (_, k) => simulateRollout(scenario, first + k)),
    };
  });
}
