import type { PlatformEvent } from '../shared/event.ts';
import type { Page } from '../shared/store.ts';
import type { MetricPoint, Run, StoredRun } from './run.ts';

export interface RunPage {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/**
 * Runs and their metrics, which change too often for the store of aggregates. Reads are strongly consistent.
 * Call counts are part of the contract (docs/data-model.md): create 1, find 1, save 1, append 1.
 */
export interface RunStore {
  create(tenant: string, run: Run): Promise<void>;
  find(tenant: string, runId: string): Promise<StoredRun | undefined>;
  /**
   * Saves a changed run, with its event in the same transaction.
   *
   * @throws ConcurrentChangeError when the revision is another one
   */
  save(tenant: string, run: Run, expect: number, event?: PlatformEvent): Promise<void>;
  /** Adds points to the history, as one item; a repeat adds nothing that a reader sees. */
  appendMetrics(
    tenant: string,
    runId: string,
    points: readonly MetricPoint[],
    chunkId: string,
  ): Promise<void>;
  /** Points of one metric in the order they were written, a page of stored chunks at a time. */
  listMetrics(tenant: string, runId: string, key: string, page: RunPage): Promise<Page<MetricPoint>>;
  /** An experiment's runs: start time descending, then run id; the cursor is the last run's id. */
  listRuns(tenant: string, experimentId: string, page: RunPage): Promise<Page<Run>>;
}
