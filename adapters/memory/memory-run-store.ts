import { AlreadyExistsError, ConcurrentChangeError } from '../../domain/shared/domain-error.ts';
import type { PlatformEvent } from '../../domain/shared/event.ts';
import type { Page } from '../../domain/shared/store.ts';
import type { RunPage, RunStore } from '../../domain/tracking/ports.ts';
import { clampTime, type MetricPoint, type Run, type StoredRun } from '../../domain/tracking/run.ts';

/** Runs without AWS, for tests of use cases; the contract suite holds it to the DynamoDB store. */
export class MemoryRunStore implements RunStore {
  readonly #runs = new Map<string, StoredRun>();
  readonly #chunks = new Map<string, MetricPoint[]>();
  readonly events: PlatformEvent[] = [];

  async create(tenant: string, run: Run): Promise<void> {
    const key = `${tenant}/${run.runId}`;
    if (this.#runs.has(key)) throw new AlreadyExistsError('run', run.runId);
    this.#runs.set(key, structuredClone({ run, revision: 1 }));
  }

  async find(tenant: string, runId: string): Promise<StoredRun | undefined> {
    return structuredClone(this.#runs.get(`${tenant}/${runId}`));
  }

  async save(tenant: string, run: Run, expect: number, event?: PlatformEvent): Promise<void> {
    const key = `${tenant}/${run.runId}`;
    if (this.#runs.get(key)?.revision !== expect)
      throw new ConcurrentChangeError(`Run ${run.runId} was changed meanwhile.`);
    this.#runs.set(key, structuredClone({ run, revision: expect + 1 }));
    if (event !== undefined) this.events.push(event);
  }

  async appendMetrics(
    tenant: string,
    runId: string,
    points: readonly MetricPoint[],
    chunkId: string,
  ): Promise<void> {
    this.#chunks.set(`${tenant}/${runId}/${chunkId}`, structuredClone([...points]));
  }

  async listMetrics(tenant: string, runId: string, key: string, page: RunPage): Promise<Page<MetricPoint>> {
    const chunks = [...this.#chunks.entries()]
      .filter(
        ([chunk]) =>
          chunk.startsWith(`${tenant}/${runId}/`) && (page.cursor === undefined || chunk > page.cursor),
      )
      .sort(([a], [b]) => (a < b ? -1 : 1));
    const taken = chunks.slice(0, page.limit);
    const items = taken.flatMap(([, points]) => points.filter((point) => point.key === key));
    return { items, nextCursor: chunks.length > taken.length ? (taken.at(-1)?.[0] ?? null) : null };
  }

  async listRuns(tenant: string, experimentId: string, page: RunPage): Promise<Page<Run>> {
    const runs = [...this.#runs.entries()]
      .filter(([key, { run }]) => key.startsWith(`${tenant}/`) && run.experimentId === experimentId)
      .map(([, { run }]) => run)
      .sort(byStartThenId);
    const after = page.cursor === undefined ? 0 : runs.findIndex((run) => run.runId === page.cursor) + 1;
    const items = runs.slice(after, after + page.limit);
    const nextCursor = after + items.length < runs.length ? (items.at(-1)?.runId ?? null) : null;
    return { items: structuredClone(items), nextCursor };
  }
}

function byStartThenId(a: Run, b: Run): number {
  return clampTime(b.startTime) - clampTime(a.startTime) || (a.runId < b.runId ? -1 : 1);
}
