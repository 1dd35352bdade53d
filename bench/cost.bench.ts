import { synthesizePlatform } from '../test/support/synthesized-platform.ts';
import { atMost, type Bench, type Figure } from './bench.ts';
import { readEndpointSettings } from './cost/endpoint-settings.ts';
import { type Costs, costOfIdleMonth, sum } from './cost/idle.ts';
import { costOfMillion } from './cost/predictions.ts';

const ENVIRONMENTS = 20;

/** Tenths of a cent are close enough: the assumptions are not better. */
function toFigures(name: string, costs: Costs): Figure[] {
  return Object.entries(costs)
    .filter(([, cost]) => cost >= 0.0005)
    .map(([item, cost]) => ({
      name: `${name}.${item.replaceAll(' ', '-')}`,
      value: Math.round(cost * 1000) / 1000,
      unit: 'USD',
    }));
}

/** What an installation costs, computed from its templates and the list prices of `bench/cost/prices.ts`. */
const cost: Bench = {
  name: 'cost',
  run: async () => {
    const platform = synthesizePlatform();
    const endpoint = await readEndpointSettings();
    const idle = costOfIdleMonth(platform);
    const costAt = (requestsPerSecond: number) =>
      costOfMillion(platform, endpoint, { requestsPerSecond, environments: ENVIRONMENTS });
    return [
      ...toFigures('cost.idle-month', idle),
      atMost('cost.idle-month', sum(idle), 'USD', 5),
      ...toFigures('cost.million-at-1/s', costAt(1)),
      atMost('cost.million-at-1/s', sum(costAt(1)), 'USD', 1.5),
      { name: 'cost.million-at-10/s', value: sum(costAt(10)), unit: 'USD' },
      { name: 'cost.million-at-100/s', value: sum(costAt(100)), unit: 'USD' },
    ];
  },
};

export const bars: Bench[] = [cost];
