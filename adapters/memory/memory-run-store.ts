import { AlreadyExistsError, ConcurrentChangeError } from '../../domain/shared/domain-error.ts';
import type { PlatformEvent } from '../../domain/shared/event.ts';
import type { Page, Store } from '../../domain/shared/store.ts';
import { type Experiment, experimentKey } from '../../domain/tracking/experiments/experiment.ts';
import type {
  HistoryPart,
  RunPage,
  RunStore,
  RunWrite,
  StoredRun,
  UsedDataset,
} from '../../domain/tracking/ports.ts';
import type { Dataset, MetricPoint, Run } from '../../domain/tracking/runs/run.ts';
import { clampTime, parseRunId } from '../../domain/tracking/runs/run-id.ts';
import { settle } from '../../domain/tracking/runs/run-lifecycle.ts';

interface Row {
  readonly run: Run;
  readonly revision: number;
}

/** Runs without AWS, for tests of use cases; the contract suite holds it to the DynamoDB store. */
export class MemoryRunStore implements RunStore {
  readonly #store: Store;
  readonly #runs = new Map<string, Row>();
  readonly #chunks = new Map<string, readonly MetricPoint[]>();
  readonly #datasets = new Map<string, UsedDataset>();
  readonly events: PlatformEvent[] = [];

  /** @param store where the experiments are */
  constructor(store: Store) {
    this.#store = store;
  }

  async create(tenant: string, run: Run, event?: PlatformEvent): Promise<void> {
    const key = `${tenant}/${run.runId}`;
    if (this.#runs.has(key)) throw new AlreadyExistsError('run', run.runId);
    this.#runs.set(key, structuredClone({ run, revision: 1 }));
    if (event !== undefined) this.events.push(event);
  }

  async find(tenant: string, runId: string): Promise<StoredRun | undefined> {
    const row = this.#runs.get(`${tenant}/${runId}`);
    const [experiment] = await this.findExperiments(tenant, [parseRunId(runId)?.experimentId ?? '']);
    if (row === undefined || experiment === undefined) return undefined;
    return structuredClone({ ...row, run: settle(row.run, experiment), experiment });
  }

  async findExperiments(tenant: string, experimentIds: readonly string[]): Promise<Experiment[]> {
    const items = await Promise.all(
      experimentIds.map((id) => this.#store.get<Experiment>(experimentKey(tenant, id))),
    );
    return items.flatMap((item) => (item === undefined ? [] : [item.value]));
  }

  async waitAfterLostRace(): Promise<void> {}

  async save(
    tenant: string,
    run: Run,
    expect: number,
    { event, changes = [], chunk }: RunWrite = {},
  ): Promise<void> {
    const key = `${tenant}/${run.runId}`;
    if (this.#runs.get(key)?.revision !== expect)
      throw new ConcurrentChangeError(`Run ${run.runId} was changed meanwhile.`);
    if (changes.length > 0) await this.#store.commit(changes);
    this.#runs.set(key, structuredClone({ run, revision: expect + 1 }));
    if (chunk !== undefined) this.#chunks.set(`${key}/${chunk.id}`, structuredClone(chunk.points));
    if (event !== undefined) this.events.push(event);
  }

  async listRuns(tenant: string, experiment: Experiment, { limit, cursor }: RunPage): Promise<Page<Run>> {
    const runs = [...this.#runs.entries()]
      .filter(
        ([key, { run }]) => key.startsWith(`${tenant}/`) && run.experimentId === experiment.experimentId,
      )
      .map(([, { run }]) => settle(run, experiment))
      .sort((a, b) => (sortKey(a.runId) < sortKey(b.runId) ? -1 : 1));
    const behind = runs.filter(({ runId }) => cursor === undefined || sortKey(runId) > sortKey(cursor));
    const items = behind.slice(0, limit);
    const nextCursor = items.length < behind.length ? (items.at(-1)?.runId ?? null) : null;
    return { items: structuredClone(items), nextCursor };
  }

  async *readHistory(tenant: string, runId: string, key: string): AsyncGenerator<HistoryPart> {
    const earliest = (points: readonly MetricPoint[]) =>
      points.reduce((least, { timestamp }) => Math.min(least, timestamp), Number.POSITIVE_INFINITY);
    const chunks = [...this.#chunks.entries()]
      .filter(([chunk]) => chunk.startsWith(`${tenant}/${runId}/`))
      .map(([, points]) => points)
      .sort((a, b) => earliest(a) - earliest(b));
    for (const points of chunks) {
      yield { fromTimestamp: earliest(points), points: points.filter((point) => point.key === key) };
    }
  }

  async addDatasets(tenant: string, experimentId: string, used: readonly UsedDataset[]): Promise<void> {
    for (const { dataset, contexts } of used) {
      const key = datasetKey(tenant, experimentId, dataset);
      const known = this.#datasets.get(key);
      const all = new Set([...(known?.contexts ?? []), ...contexts]);
      this.#datasets.set(
        key,
        structuredClone({ dataset: known?.dataset ?? dataset, contexts: [...all].sort() }),
      );
    }
  }

  async findDatasets(
    tenant: string,
    experimentId: string,
    references: readonly Pick<Dataset, 'name' | 'digest'>[],
  ): Promise<Dataset[]> {
    const found = references.map((reference) =>
      this.#datasets.get(datasetKey(tenant, experimentId, reference)),
    );
    return found.flatMap((used) => (used === undefined ? [] : [structuredClone(used.dataset)]));
  }

  async listDatasets(tenant: string, experimentId: string, limit: number): Promise<UsedDataset[]> {
    const prefix = `${tenant}/${experimentId}/`;
    const found = [...this.#datasets.entries()].filter(([key]) => key.startsWith(prefix));
    return structuredClone(found.slice(0, limit).map(([, used]) => used));
  }

  async remove(tenant: string, runId: string): Promise<void> {
    this.#runs.delete(`${tenant}/${runId}`);
    for (const key of this.#chunks.keys())
      if (key.startsWith(`${tenant}/${runId}/`)) this.#chunks.delete(key);
  }
}

/** Start time descending, then id: as text, since a cursor's run need not be there any more. */
function sortKey(runId: string): string {
  const left = 2 ** 48 - 1 - clampTime(parseRunId(runId)?.startTime ?? 0);
  return `${left.toString(16).padStart(12, '0')}#${runId}`;
}

function datasetKey(
  tenant: string,
  experimentId: string,
  { name, digest }: Pick<Dataset, 'name' | 'digest'>,
): string {
  return `${tenant}/${experimentId}/${JSON.stringify([name, digest])}`;
}
