import { basename } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * Started last, each would be waited for alone. The first ones wait for minutes of rollouts; those that keep the
 * machine busy (a cloud of their own, servers, models that run for ever) come behind them.
 */
const SLOW = ['rollout-faults', 'serving-loop', 'deployment', 'training', 'restart', 'moving', 'registry'];

/** Vitest's own order, behind the files that take longest. */
export class SlowFilesFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return sorted.toSorted((a, b) => rankOf(a) - rankOf(b));
  }
}

function rankOf({ moduleId }: TestSpecification): number {
  const rank = SLOW.indexOf(basename(moduleId, '.test.ts'));
  return rank === -1 ? SLOW.length : rank;
}
