import type { CallContext } from '../shared/call-context.ts';
import { ConcurrentChangeError } from '../shared/domain-error.ts';
import { InvalidParameterError, RunNotFoundError } from './errors.ts';
import type { RunStore } from './ports.ts';
import { isLater, type MetricPoint, RUN_NAME_TAG, type Run, type StoredRun } from './run.ts';
import { type Batch, checkBatch, clampMetric, type KeyValue, LIMITS, truncate } from './validation.ts';

/** Sixteen writers on one run meet often; each lost race costs one more read and write. */
const MAX_ATTEMPTS = 12;

/**
 * Logs metrics, params and tags: a read, a conditional write of the run, and one item of history. A refused
 * param leaves nothing of the batch behind; a repeat of the batch changes nothing.
 */
export async function logBatch(
  runs: RunStore,
  context: CallContext,
  runId: string,
  batch: Batch,
): Promise<void> {
  checkBatch(batch);
  const points = batch.metrics.map((point) => ({ ...point, value: clampMetric(point.value) }));
  await changeRun(runs, context, runId, (run) => applyBatch(run, { ...batch, metrics: points }));
  if (points.length > 0) await runs.appendMetrics(context.tenant, runId, points, context.newId('mtr'));
}

/** Reads an active run, changes it and saves it; repeats when somebody else was faster. */
export async function changeRun(
  runs: RunStore,
  context: CallContext,
  runId: string,
  change: (run: Run) => Run,
): Promise<StoredRun> {
  for (let attempt = 1; ; attempt++) {
    const { run, revision } = await getActiveRun(runs, context, runId);
    const changed = change(run);
    if (changed === run) return { run, revision };
    try {
      await runs.save(context.tenant, changed, revision);
      return { run: changed, revision: revision + 1 };
    } catch (error) {
      if (!(error instanceof ConcurrentChangeError) || attempt === MAX_ATTEMPTS) throw error;
    }
  }
}

/** @throws RunNotFoundError, or MLflow's refusal of a deleted run */
export async function getActiveRun(runs: RunStore, context: CallContext, runId: string): Promise<StoredRun> {
  const found = await runs.find(context.tenant, runId);
  if (found === undefined) throw new RunNotFoundError(runId);
  if (found.run.lifecycleStage === 'active') return found;
  throw new InvalidParameterError(
    `The run ${runId} must be in the 'active' state. Current state is deleted.`,
  );
}

/** Answers the same object when the batch changes nothing, so that a retry writes nothing. */
function applyBatch(run: Run, batch: Batch): Run {
  const params = addParams(run, batch.params);
  const tags = addTags(run.tags, batch.tags);
  const latest = addMetrics(run.latest, batch.metrics);
  if (params === run.params && tags === run.tags && latest === run.latest) return run;
  return { ...run, params, tags, latest, name: tags[RUN_NAME_TAG] || run.name };
}

function addParams(run: Run, params: readonly KeyValue[]): Run['params'] {
  const cut = params.map(({ key, value }) => ({ key, value: truncate(value, LIMITS.paramValueLength) }));
  const changed = cut.filter(({ key, value }) => run.params[key] !== undefined && run.params[key] !== value);
  if (changed.length > 0) throw new InvalidParameterError(describeParamChange(run, changed));
  const added = cut.filter(({ key }) => run.params[key] === undefined);
  return added.length === 0 ? run.params : { ...run.params, ...toRecord(added) };
}

/** MLflow's words for one param and for several. */
function describeParamChange(run: Run, changed: readonly KeyValue[]): string {
  const [first, ...others] = changed as [KeyValue, ...KeyValue[]];
  if (others.length === 0) {
    return `Changing param values is not allowed. Param with key='${first.key}' was already logged with value='${run.params[first.key]}' for run ID='${run.runId}'. Attempted logging new value '${first.value}'.`;
  }
  const list = changed.map(
    ({ key, value }) => `{'key': '${key}', 'old_value': '${run.params[key]}', 'new_value': '${value}'}`,
  );
  return `Changing param values is not allowed. Params were already logged='[${list.join(', ')}]' for run ID='${run.runId}'.`;
}

function addTags(tags: Run['tags'], added: readonly KeyValue[]): Run['tags'] {
  const cut = added.map(({ key, value }) => ({ key, value: truncate(value, LIMITS.runTagValueLength) }));
  return cut.every(({ key, value }) => tags[key] === value) ? tags : { ...tags, ...toRecord(cut) };
}

function addMetrics(latest: Run['latest'], points: readonly MetricPoint[]): Run['latest'] {
  const next: Record<string, MetricPoint> = { ...latest };
  let changed = false;
  for (const point of points) {
    if (!isLater(point, next[point.key])) continue;
    next[point.key] = point;
    changed = true;
  }
  return changed ? next : latest;
}

function toRecord(pairs: readonly KeyValue[]): Record<string, string> {
  return Object.fromEntries(pairs.map(({ key, value }) => [key, value]));
}
