import type { CallContext } from '../../shared/call-context.ts';
import { toPythonText } from '../../shared/mlflow-names.ts';
import { InvalidParameterError } from '../errors.ts';
import { addPoints } from '../metrics/add-points.ts';
import type { RunStore } from '../ports.ts';
import {
  type Batch,
  checkBatch,
  checkMetric,
  checkParam,
  checkRunId,
  checkTag,
  clampMetric,
  type KeyValue,
  LIMITS,
  truncate,
} from '../validation.ts';
import { changeRun } from './change-run.ts';
import { RUN_NAME_TAG, type Run } from './run.ts';

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
  checkRunId(runId);
  checkBatch(batch);
  await changeRun(runs, context, runId, (run) => applyBatch(run, batch, describeParamChanges));
}

/** Logs one metric, param or tag, which MLflow has routes of their own and other words for. */
export async function logOne(
  runs: RunStore,
  context: CallContext,
  runId: string,
  one: Partial<Batch>,
): Promise<void> {
  const { metrics = [], params = [], tags = [] } = one;
  for (const metric of metrics) checkMetric(metric);
  for (const param of params) checkParam(param);
  for (const tag of tags) checkTag(tag);
  const batch = { metrics, params, tags };
  await changeRun(runs, context, runId, (run) => applyBatch(run, batch, describeParamChange));
}

type DescribeChange = (run: Run, changed: readonly KeyValue[]) => string;

/** Answers the same object when the batch changes nothing, so that a retry writes nothing. */
function applyBatch(run: Run, batch: Batch, describe: DescribeChange): Run {
  const params = addParams(run, batch.params, describe);
  const tags = addTags(run.tags, batch.tags);
  const { latest, recent } = addPoints(
    run,
    batch.metrics.map((point) => ({ ...point, value: clampMetric(point.value) })),
  );
  if (params === run.params && tags === run.tags && latest === run.latest && recent === run.recent)
    return run;
  const name = (Object.hasOwn(tags, RUN_NAME_TAG) && tags[RUN_NAME_TAG]) || run.name;
  return { ...run, params, tags, latest, recent, name };
}

function addParams(run: Run, params: readonly KeyValue[], describe: DescribeChange): Run['params'] {
  const cut = params.map(({ key, value }) => ({ key, value: truncate(value, LIMITS.paramValueLength) }));
  const isKnown = ({ key }: KeyValue) => Object.hasOwn(run.params, key);
  const changed = cut.filter((param) => isKnown(param) && run.params[param.key] !== param.value);
  if (changed.length > 0) throw new InvalidParameterError(describe(run, changed));
  const added = cut.filter((param) => !isKnown(param));
  return added.length === 0 ? run.params : { ...run.params, ...toRecord(added) };
}

function describeParamChange(run: Run, [changed]: readonly KeyValue[]): string {
  const { key, value } = changed as KeyValue;
  return `Changing param values is not allowed. Param with key='${key}' was already logged with value='${run.params[key]}' for run ID='${run.runId}'. Attempted logging new value '${value}'.`;
}

/** MLflow prints a list of Python's. */
function describeParamChanges(run: Run, changed: readonly KeyValue[]): string {
  const list = changed.map(({ key, value }) => {
    const [name, old, next] = [key, run.params[key] ?? '', value].map(toPythonText);
    return `{'key': ${name}, 'old_value': ${old}, 'new_value': ${next}}`;
  });
  return `Changing param values is not allowed. Params were already logged='[${list.join(', ')}]' for run ID='${run.runId}'.`;
}

function addTags(tags: Run['tags'], added: readonly KeyValue[]): Run['tags'] {
  // An empty name is none: MLflow keeps the one that the run has.
  const cut = added
    .filter(({ key, value }) => key !== RUN_NAME_TAG || value !== '')
    .map(({ key, value }) => ({ key, value: truncate(value, LIMITS.runTagValueLength) }));
  const isSet = ({ key, value }: KeyValue) => Object.hasOwn(tags, key) && tags[key] === value;
  return cut.every(isSet) ? tags : { ...tags, ...toRecord(cut) };
}

function toRecord(pairs: readonly KeyValue[]): Record<string, string> {
  return Object.fromEntries(pairs.map(({ key, value }) => [key, value]));
}
