import type { EndpointReader, EndpointSummary } from '../deployment/ports.ts';
import type { CallContext } from '../shared/call-context.ts';
import { NotFoundError } from '../shared/domain-error.ts';
import type { PageRequest, Store } from '../shared/store.ts';
import { measureVersion } from './endpoint-metrics.ts';
import {
  defaultMonitor,
  findMonitor,
  type MonitorInput,
  type MonitorProgress,
  monitorKey,
  progressKey,
  putMonitor,
  type WindowKind,
} from './monitor.ts';
import type { WindowStore } from './ports.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
/** Metrics read minute windows: a day of them is some thousand items. */
const MAX_SPAN_MS = 24 * HOUR_MS;

/** @throws NotFoundError */
export async function requireWatched(
  endpoints: EndpointReader,
  context: CallContext,
  name: string,
): Promise<EndpointSummary> {
  const endpoint = await endpoints.find(context.tenant, name);
  if (endpoint === undefined) throw new NotFoundError('endpoint', name);
  return endpoint;
}

/** An endpoint's monitor as the API answers it; revision 0 while nobody changed it. */
export async function toMonitorView(store: Store, context: CallContext, endpoint: EndpointSummary) {
  const own = await findMonitor(store, context.tenant, endpoint.name);
  const monitor = own?.value ?? defaultMonitor(endpoint.name, new Date(0).toISOString());
  const progress = await store.get<MonitorProgress>(progressKey(context.tenant, endpoint.name));
  const minute = endpoint.version === null ? undefined : progress?.value.nextMinute[endpoint.version];
  return {
    ...monitor,
    baseline: endpoint.version === null ? null : { model: endpoint.model, version: endpoint.version },
    evaluatedTo: minute === undefined ? null : new Date(minute * MINUTE_MS).toISOString(),
    revision: own?.revision ?? 0,
  };
}

/** Judged windows of a kind, newest first. */
export async function listWindows(
  store: Store,
  context: CallContext,
  endpoint: string,
  kind: WindowKind,
  page: PageRequest,
) {
  const found = await store.listParts<Record<string, unknown>>(
    monitorKey(context.tenant, endpoint),
    `${kind}#`,
    page,
  );
  return { items: found.items.map(({ value }) => value), nextCursor: found.nextCursor };
}

export interface MetricsDependencies {
  readonly store: Store;
  readonly windows: WindowStore;
  readonly endpoints: Pick<EndpointReader, 'listVersions'>;
}

/** Requests, errors and latency of each version that was rolled out, was judged or serves, and was called. */
export async function viewMetrics(
  { store, windows, endpoints }: MetricsDependencies,
  context: CallContext,
  endpoint: EndpointSummary,
  query: { readonly from?: string | undefined; readonly to?: string | undefined },
) {
  const toMs = query.to === undefined ? context.nowMs : Date.parse(query.to);
  const fromMs = Math.max(
    query.from === undefined ? toMs - HOUR_MS : Date.parse(query.from),
    toMs - MAX_SPAN_MS,
  );
  const progress = await store.get<MonitorProgress>(progressKey(context.tenant, endpoint.name));
  const versions = new Set(Object.keys(progress?.value.nextMinute ?? {}).map(Number));
  if (endpoint.version !== null) versions.add(endpoint.version);
  for (const version of await endpoints.listVersions(context.tenant, endpoint.name)) versions.add(version);
  const target = { tenant: context.tenant, endpoint: endpoint.name };
  const measured = await Promise.all(
    [...versions].map((version) => measureVersion(windows, target, version, { fromMs, toMs })),
  );
  return {
    endpoint: endpoint.name,
    from: new Date(fromMs).toISOString(),
    to: new Date(toMs).toISOString(),
    versions: measured.filter(({ requests }) => requests > 0),
  };
}

/** The last drift window of each endpoint that has one. */
export async function listLatestDrift(
  store: Store,
  context: CallContext,
  endpoints: readonly { readonly name: string }[],
) {
  const last = await Promise.all(
    endpoints.map(({ name }) => listWindows(store, context, name, 'drift', { limit: 1 })),
  );
  return { items: last.flatMap(({ items }) => items) };
}

/** Changes the monitors of every endpoint that serves the model. */
export async function configureModelDrift(
  { store, endpoints }: { readonly store: Store; readonly endpoints: EndpointReader },
  context: CallContext,
  model: string,
  input: MonitorInput,
) {
  const serving = await endpoints.listOfModel(context.tenant, model);
  if (serving.length === 0) throw new NotFoundError('endpoint of model', model);
  for (const { name } of serving) await putMonitor(store, context, name, input);
  return { items: await Promise.all(serving.map((endpoint) => toMonitorView(store, context, endpoint))) };
}
