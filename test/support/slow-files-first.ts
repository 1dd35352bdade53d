import { basename } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Mostly waiting for the next minute: started last, each would be waited for alone. */
const SLOW = ['restart', 'rollout-faults', 'serving-loop', 'registry', 'deployment'];

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
