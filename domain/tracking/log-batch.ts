import type { CallContext } from '../shared/call-context.ts';
import { addPoints } from './add-points.ts';
import { changeRun } from './change-run.ts';
import { InvalidParameterError } from './errors.ts';
import type { RunStore } from './ports.ts';
import { RUN_NAME_TAG, type Run } from './run.ts';
import { type Batch, checkBatch, clampMetric, type KeyValue, LIMITS, truncate } from './validation.ts';

/**
 * Logs metrics, params and tags: one read, one conditional write of the run, and a write of history when the
 * points are many. A refused param leaves nothing of the batch behind; a repeat of the batch changes nothing.
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
}

/** Answers the same object when the batch changes nothing, so that a retry writes nothing. */
function applyBatch(run: Run, batch: Batch): Run {
  const params = addParams(run, batch.params);
  const tags = addTags(run.tags, batch.tags);
  const { latest, recent } = addPoints(run, batch.metrics);
  if (params === run.params && tags === run.tags && latest === run.latest && recent === run.recent)
    return run;
  const name = (Object.hasOwn(tags, RUN_NAME_TAG) && tags[RUN_NAME_TAG]) || run.name;
  return { ...run, params, tags, latest, recent, name };
}

function addParams(run: Run, params: readonly KeyValue[]): Run['params'] {
  const cut = params.map(({ key, value }) => ({ key, value: truncate(value, LIMITS.paramValueLength) }));
  const isKnown = ({ key }: KeyValue) => Object.hasOwn(run.params, key);
  const changed = cut.filter((param) => isKnown(param) && run.params[param.key] !== param.value);
  if (changed.length > 0) throw new InvalidParameterError(describeParamChange(run, changed));
  const added = cut.filter((param) => !isKnown(param));
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
  const isSet = ({ key, value }: KeyValue) => Object.hasOwn(tags, key) && tags[key] === value;
  return cut.every(isSet) ? tags : { ...tags, ...toRecord(cut) };
}

function toRecord(pairs: readonly KeyValue[]): Record<string, string> {
  return Object.fromEntries(pairs.map(({ key, value }) => [key, value]));
}
