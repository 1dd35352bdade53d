import type { SynthesizedPlatform } from '../../test/support/synthesized-platform.ts';
import { ASSUMED } from './assumptions.ts';
import { GIGABYTE, MONTH_SECONDS, PRICES } from './prices.ts';
import {
  count,
  countPolledQueues,
  type FunctionSize,
  requirePricedTypes,
  scheduledRuns,
} from './templates.ts';

/** Dollars by what they are paid for. */
export type Costs = Readonly<Record<string, number>>;

export function sum(costs: Costs): number {
  return Object.values(costs).reduce((total, cost) => total + cost, 0);
}

/** A month of an installation that nobody calls, without the storage of its data. */
export function costOfIdleMonth(platform: SynthesizedPlatform): Costs {
  requirePricedTypes(platform);
  const runs = scheduledRuns(platform).map(({ size, minutes }) => {
    const cold = minutes > ASSUMED.keptWarmMinutes ? ASSUMED.coldStartMs : 0;
    const times = MONTH_SECONDS / 60 / minutes;
    return { times, cost: times * costOfRun(size, ASSUMED.idleRunMs + cold), traced: size.traced };
  });
  const times = runs.reduce((total, run) => total + run.times, 0);
  const traces = runs.reduce((total, run) => total + (run.traced ? run.times : 0), 0);
  const polls = countPolledQueues(platform) * MONTH_SECONDS * ASSUMED.queuePollsPerSecond;
  return {
    keys: count(platform, 'AWS::KMS::Key') * PRICES.keyPerMonth,
    secrets: count(platform, 'AWS::SecretsManager::Secret') * PRICES.secretPerMonth,
    alarms: count(platform, 'AWS::CloudWatch::Alarm') * PRICES.alarmPerMonth,
    dashboards: count(platform, 'AWS::CloudWatch::Dashboard') * PRICES.dashboardPerMonth,
    'scheduled functions': runs.reduce((total, run) => total + run.cost, 0),
    'their traces': (traces / 1e6) * PRICES.tracesPerMillion,
    'their logs': times * costOfRunLogs(),
    'their reads': (times / 1e6) * ASSUMED.readUnitsPerRun * PRICES.dynamoReadPerMillion,
    'queue polling': (polls / 1e6) * PRICES.sqsPerMillion,
  };
}

/** One invocation of a function, its trace and logs not included. */
export function costOfRun({ memoryGb, temporaryGb }: FunctionSize, ms: number): number {
  const perSecond = memoryGb * PRICES.lambdaPerGbSecond + temporaryGb * PRICES.temporaryStoragePerGbSecond;
  return PRICES.lambdaPerMillion / 1e6 + (ms / 1000) * perSecond;
}

/** What Lambda itself writes about an invocation at the level INFO. */
export function costOfRunLogs(): number {
  const bytes = ASSUMED.startBytes + ASSUMED.reportBytes + 2 * ASSUMED.eventOverheadBytes;
  return (bytes / GIGABYTE) * PRICES.logsPerGb;
}
