import type { CallContext } from '../../shared/call-context.ts';
import { SEE_DOCS } from '../../shared/mlflow-words.ts';
import { requirePermission } from '../../shared/permission.ts';
import { InvalidParameterError } from '../errors.ts';
import { guardExperiment } from '../experiments/experiment.ts';
import type { RunStore } from '../ports.ts';
import { loadRun } from '../runs/change-run.ts';
import type { MetricPoint, Run } from '../runs/run.ts';
import { MAX_HISTORY_PAGE, readWholeHistory } from './metric-history.ts';
import { compareByStep } from './metric-order.ts';

export interface MetricOfRun extends MetricPoint {
  readonly runId: string;
}

export interface SampleInput {
  readonly runIds: readonly string[];
  readonly metricKey: string;
  readonly maxResults: number;
  /** Both steps or none; both are included. */
  readonly startStep?: number | undefined;
  readonly endStep?: number | undefined;
}

/** MLflow's limits of the calls that charts make. */
const MAX_RUNS = 100;
const MAX_SAMPLES = 2500;

/** Points of one metric for a chart, each run's evenly sampled, in the order of the runs asked for. */
export async function sampleMetricHistories(
  runs: RunStore,
  context: CallContext,
  input: SampleInput,
): Promise<MetricOfRun[]> {
  checkSample(input);
  const { runIds, metricKey, maxResults, startStep = -Infinity, endStep = Infinity } = input;
  // All before any is read: one that is absent refuses the call, as in MLflow.
  const found = await loadRuns(runs, context, runIds);
  const samples: MetricOfRun[] = [];
  for (const run of found) {
    const points = await readWholeHistory(runs, context.tenant, run, metricKey);
    const inRange = points.filter(({ step }) => step >= startStep && step <= endStep);
    const sample = sampleEvenly(inRange.sort(compareByStep), maxResults);
    samples.push(...sample.map((point) => ({ ...point, runId: run.runId })));
  }
  return samples;
}

async function loadRuns(runs: RunStore, context: CallContext, runIds: readonly string[]): Promise<Run[]> {
  const found: Run[] = [];
  for (const runId of runIds) found.push((await loadRun(runs, context, runId)).run);
  return found;
}

/** MLflow's words. */
function checkSample({ runIds, maxResults, startStep, endStep }: SampleInput): void {
  if (runIds.length > MAX_RUNS) {
    throw new InvalidParameterError(
      `GetMetricHistoryBulkInterval request must specify at most ${MAX_RUNS} run_ids. Received ${runIds.length} run_ids. ${SEE_DOCS}`,
    );
  }
  if (maxResults < 1 || maxResults > MAX_SAMPLES) {
    throw new InvalidParameterError(`max_results must be between 1 and ${MAX_SAMPLES}. ${SEE_DOCS}`);
  }
  if ((startStep === undefined) !== (endStep === undefined)) {
    throw new InvalidParameterError(
      'If either start step or end step are specified, both must be specified.',
    );
  }
  if (startStep !== undefined && endStep !== undefined && startStep > endStep) {
    throw new InvalidParameterError(
      `end_step must be greater than start_step. Found start_step=${startStep} and end_step=${endStep}.`,
    );
  }
}

/**
 * The first row of each of `size` buckets as SQL's NTILE cuts them (the first n mod k have one row more), and the
 * very last row: MLflow's sampling since 3.15 (its pull request 24305).
 */
export function sampleEvenly<T>(rows: readonly T[], size: number): T[] {
  if (rows.length <= size) return [...rows];
  const last = rows.at(-1) as T;
  if (size === 1) return [last];
  const [short, longer] = [Math.floor(rows.length / size), rows.length % size];
  const starts = Array.from({ length: size }, (_, bucket) => bucket * short + Math.min(bucket, longer));
  const sample = starts.map((start) => rows[start] as T);
  if (sample.at(-1) !== last) sample[size - 1] = last;
  return sample;
}

export interface HistoriesInput {
  readonly runIds: readonly string[];
  readonly metricKey?: string | undefined;
  readonly maxResults: number;
}

/** Values of one metric of several runs: by run id, then by time; runs that are absent are passed over. */
export async function readMetricHistories(
  runs: RunStore,
  context: CallContext,
  { runIds, metricKey, maxResults }: HistoriesInput,
): Promise<MetricOfRun[]> {
  if (runIds.length === 0) {
    throw new InvalidParameterError('GetMetricHistoryBulk request must specify at least one run_id.');
  }
  if (runIds.length > MAX_RUNS) {
    throw new InvalidParameterError(
      `GetMetricHistoryBulk request cannot specify more than ${MAX_RUNS} run_ids. Received ${runIds.length} run_ids.`,
    );
  }
  if (metricKey === undefined) {
    throw new InvalidParameterError('GetMetricHistoryBulk request must specify a metric_key.');
  }
  const limit = Math.min(maxResults, MAX_HISTORY_PAGE);
  const found: MetricOfRun[] = [];
  for (const runId of [...new Set(runIds)].sort()) {
    const stored = found.length < limit ? await runs.find(context.tenant, runId) : undefined;
    if (stored === undefined) continue;
    requirePermission(context, guardExperiment(stored.experiment), 'READ');
    const points = await readWholeHistory(runs, context.tenant, stored.run, metricKey);
    found.push(...points.slice(0, limit - found.length).map((point) => ({ ...point, runId })));
  }
  return found;
}
