import type { RegisteredVersion, RegistryReader } from '../registry/ports.ts';
import type { CallContext } from '../shared/call-context.ts';
import { makeEvent } from '../shared/event.ts';
import type { Change, Store } from '../shared/store.ts';
import { PerformanceDegraded } from './events.ts';
import { type Monitor, type PerformanceProgress, performanceProgressKey, windowKey } from './monitor.ts';
import { assessDegradation, type Degradation } from './performance/assess-degradation.ts';
import { readLabelledRows } from './performance/labelled-rows.ts';
import {
  measurePerformance,
  PERFORMANCE_METRICS,
  type Performance,
  type PerformanceMetric,
} from './performance/measure-performance.ts';
import type { LabelJoin, LabelledWindow } from './ports.ts';

export interface PerformanceDependencies {
  readonly store: Store;
  readonly labels: LabelJoin;
  readonly registry: RegistryReader;
}

export interface PerformanceSubject {
  readonly endpoint: string;
  readonly model: string;
  readonly monitor: Monitor;
}

const MINUTE_MS = 60_000;
/** A label that is being written while it is looked for is found the next time. */
const SETTLING_MS = 5_000;

/**
 * Measures every version that has new labels over the monitor's window, keeps the numbers with their intervals,
 * and tells once when a version became worse than it was on its hold-out. Answers how many were measured.
 */
export async function evaluatePerformance(
  deps: PerformanceDependencies,
  context: CallContext,
  subject: PerformanceSubject,
): Promise<number> {
  const target = { tenant: context.tenant, endpoint: subject.endpoint };
  const toMs = context.nowMs - SETTLING_MS;
  const fromMs = toMs - subject.monitor.performance.windowMinutes * MINUTE_MS;
  const key = performanceProgressKey(context.tenant, subject.endpoint);
  const progress = await deps.store.get<PerformanceProgress>(key);
  if (!(await deps.labels.hasLabels(target, progress?.value.labelsToMs ?? fromMs, toMs))) return 0;
  const degraded: Record<string, boolean> = { ...progress?.value.degraded };
  const changes: Change[] = [];
  for (const [number, window] of await deps.labels.read(target, fromMs, toMs, toMs)) {
    const version = await deps.registry.findVersion(context.tenant, subject.model, number);
    if (version === undefined || window.rows.length === 0) continue;
    const judged = judgeVersion(
      context,
      subject,
      version,
      window,
      { fromMs, toMs },
      degraded[number] === true,
    );
    degraded[number] = judged.degraded;
    changes.push(...judged.changes);
  }
  const value: PerformanceProgress = { labelsToMs: toMs, degraded };
  await deps.store.commit([...changes, { put: key, value, expect: progress?.revision ?? 'absent' }]);
  return changes.length;
}

interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

function judgeVersion(
  context: CallContext,
  { endpoint, model, monitor }: PerformanceSubject,
  version: RegisteredVersion,
  window: LabelledWindow,
  span: Span,
  wasDegraded: boolean,
): { readonly degraded: boolean; readonly changes: readonly Change[] } {
  const task = version.task === 'regression' ? 'regression' : 'classification';
  const performance = measurePerformance(readLabelledRows(window.rows, { task }));
  const reference = referenceOf(version);
  const rule = { minRows: monitor.performance.minimumLabels };
  const degradation = assessDegradation(performance, { metrics: reference }, rule);
  const degraded = degradation.verdict === 'DEGRADED';
  const [from, to] = [span.fromMs, span.toMs].map((time) => new Date(time).toISOString()) as [string, string];
  const frame = {
    id: context.newId('win'),
    endpoint,
    version: version.version,
    from,
    to,
    at: new Date(context.nowMs).toISOString(),
  };
  const key = windowKey(context.tenant, endpoint, 'performance', to, version.version);
  const changes: Change[] = [
    {
      put: key,
      value: { ...frame, ...toRecord(performance, reference, degradation, window) },
      expect: 'absent',
    },
  ];
  if (degraded && !wasDegraded) {
    const data = {
      endpoint,
      model,
      version: version.version,
      from,
      to,
      labelled: performance.rows,
      metrics: Object.fromEntries(
        Object.entries(performance.metrics).map(([name, { value }]) => [name, value]),
      ),
      reasons: degradation.reasons.slice(0, 20),
    };
    const resource = `endpoints/${endpoint}/performance/${frame.id}`;
    changes.push({ emit: makeEvent(PerformanceDegraded, context, { resource, sequence: 1, data }) });
  }
  return { degraded, changes };
}

/** The metrics that training or registration kept with the version, by the names that windows use. */
function referenceOf({ metrics }: RegisteredVersion): Partial<Record<PerformanceMetric, number>> {
  return Object.fromEntries(
    PERFORMANCE_METRICS.filter((name) => metrics[name] !== undefined).map((name) => [name, metrics[name]]),
  );
}

function toRecord(
  performance: Performance,
  reference: object,
  { verdict, reasons }: Degradation,
  { captured }: LabelledWindow,
) {
  const metrics = Object.entries(performance.metrics).map(([name, { value, low, high }]) => [
    name,
    { value, low, high },
  ]);
  return {
    captured,
    labelled: performance.rows,
    metrics: Object.fromEntries(metrics),
    reference,
    degraded: verdict === 'DEGRADED',
    reasons,
  };
}
