import { describe, expect, it } from 'vitest';
import { MemoryRunStore } from '../../../../adapters/memory/memory-run-store.ts';
import { MemoryStore } from '../../../../adapters/memory/memory-store.ts';
import { createExperiment } from '../../../../domain/tracking/experiments/create-experiment.ts';
import { createRun } from '../../../../domain/tracking/runs/create-run.ts';
import { searchRuns } from '../../../../domain/tracking/runs/search-runs.ts';
import { makeTestContext, makeTestRandomBytes } from '../../../support/call-context.ts';

const context = makeTestContext();

/** An experiment that has one run so many times. */
async function makeExperiment(size: number) {
  const store = new MemoryStore();
  const runs = new MemoryRunStore(store);
  const { experimentId } = await createExperiment(store, context, { name: 'large' });
  const deps = { store, runs, randomBytes: makeTestRandomBytes() };
  const run = await createRun(deps, context, { experimentId, tags: [] });
  const page = { items: Array.from({ length: 10_000 }, () => run), nextCursor: run.runId };
  let listed = 0;
  runs.listRuns = async () => {
    listed += page.items.length;
    return listed < size ? page : { ...page, nextCursor: null };
  };
  return (orderBy: readonly string[], filter?: string) =>
    searchRuns(runs, context, {
      ...{ experimentIds: [experimentId], viewType: 'ACTIVE_ONLY', maxResults: 5, orderBy, filter },
    });
}

describe('a search of more runs than one request can read', () => {
  it('in an order of its own is refused, with what to do', async () => {
    const search = await makeExperiment(160_000);

    await expect(search(['metrics.auc DESC'])).rejects.toThrow(
      'An order_by reads all runs of the experiments, and these have more than 150000. Search fewer',
    );
  });

  it('in an order of its own is answered below the bound', async () => {
    const search = await makeExperiment(150_000);

    const found = await search(['metrics.auc DESC']);

    expect(found.runs).toHaveLength(5);
    expect(found.nextPageToken).toBeDefined();
  });

  it('with a filter that nothing matches goes on with a token', async () => {
    const search = await makeExperiment(160_000);

    const found = await search([], "tags.team = 'nobody'");

    expect(found.runs).toEqual([]);
    expect(found.nextPageToken).toBeDefined();
  });
});
