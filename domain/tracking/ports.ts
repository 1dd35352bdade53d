import type { PlatformEvent } from '../shared/event.ts';
import type { Change, Page } from '../shared/store.ts';
import type { Experiment } from './experiments/experiment.ts';
import type { Dataset, MetricPoint, Run } from './runs/run.ts';

/** A run in effect (run-lifecycle.ts), the revision to save it over, and its experiment. */
export interface StoredRun {
  readonly run: Run;
  readonly revision: number;
  readonly experiment: Experiment;
}

export interface RunPage {
  /** Runs in a page. @default as many as one read takes, 1 MB */
  readonly limit?: number | undefined;
  /** The id of the run to go on behind. */
  readonly cursor?: string | undefined;
}

/** What is written with a run. */
export interface RunWrite {
  readonly event?: PlatformEvent | undefined;
  /** Further changes of the platform's store. */
  readonly changes?: readonly Change[] | undefined;
  /** Points that leave the run's item for its history; the id is the chunk's own. */
  readonly chunk?: { readonly id: string; readonly points: readonly MetricPoint[] } | undefined;
}

/** Points of one metric out of one chunk; chunks come ordered by their earliest timestamp. */
export interface HistoryPart {
  /** Neither this part nor a later one has a point before it. */
  readonly fromTimestamp: number;
  readonly points: readonly MetricPoint[];
}

/** A dataset with the contexts (`training`, `eval`, `''` for none) in which the experiment's runs used it. */
export interface UsedDataset {
  readonly dataset: Dataset;
  readonly contexts: readonly string[];
}

/**
 * Runs, their metrics and their datasets, which change too often for the store of aggregates. Reads are strongly
 * consistent. Calls are part of the contract (docs/data-model.md): `create` 1, `find` 1, `save` 1, or 2 with a
 * large chunk, `listRuns` 1 a shard and page.
 */
export interface RunStore {
  create(tenant: string, run: Run, event?: PlatformEvent): Promise<void>;
  /** Undefined when the run, or its experiment, is not there. */
  find(tenant: string, runId: string): Promise<StoredRun | undefined>;
  /** Those that are there, in the order of the ids. */
  findExperiments(tenant: string, experimentIds: readonly string[]): Promise<readonly Experiment[]>;
  /**
   * Saves a changed run and what is written with it, all or nothing.
   *
   * @throws ConcurrentChangeError when the revision is another one
   */
  save(tenant: string, run: Run, expect: number, write?: RunWrite): Promise<void>;
  /** Waits after so many saves that came too late, so that those who met do not meet again at once. */
  waitAfterLostRace(attempts: number): Promise<void>;
  /** An experiment's runs in effect: start time descending, then run id. */
  listRuns(tenant: string, experiment: Experiment, page: RunPage): Promise<Page<Run>>;
  /** The history of a metric beside what the run's own item holds; repeats are possible. */
  readHistory(tenant: string, runId: string, key: string): AsyncIterable<HistoryPart>;
  /** Keeps datasets of an experiment; one that is there stays as it is, and has the context beside its others. */
  addDatasets(tenant: string, experimentId: string, used: readonly UsedDataset[]): Promise<void>;
  findDatasets(
    tenant: string,
    experimentId: string,
    references: readonly Pick<Dataset, 'name' | 'digest'>[],
  ): Promise<readonly Dataset[]>;
  listDatasets(tenant: string, experimentId: string, limit: number): Promise<readonly UsedDataset[]>;
  /** Removes a run, its history and all else that is its own. */
  remove(tenant: string, runId: string): Promise<void>;
}
