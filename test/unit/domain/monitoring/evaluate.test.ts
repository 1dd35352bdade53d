import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryStore } from '../../../../adapters/memory/memory-store.ts';
import { createTenant } from '../../../../domain/access/create-tenant.ts';
import { PLATFORM_TENANT } from '../../../../domain/access/manage-tokens.ts';
import { closeWindows } from '../../../../domain/monitoring/close-windows.ts';
import { monitorInput } from '../../../../domain/monitoring/contract.ts';
import { evaluateDrift, listQualityViolations } from '../../../../domain/monitoring/evaluate-drift.ts';
import { evaluatePerformance } from '../../../../domain/monitoring/evaluate-performance.ts';
import { postPredictions } from '../../../../domain/monitoring/external-predictions.ts';
import { postGroundTruth } from '../../../../domain/monitoring/ground-truth.ts';
import { readLanded } from '../../../../domain/monitoring/landed.ts';
import { countWindow } from '../../../../domain/monitoring/minute-window.ts';
import { defaultMonitor, type Monitor, putMonitor } from '../../../../domain/monitoring/monitor.ts';
import type { LabelJoin, LabelledWindow } from '../../../../domain/monitoring/ports.ts';
import {
  configureModelDrift,
  listLatestDrift,
  listWindows,
  requireWatched,
  toMonitorView,
  viewMetrics,
} from '../../../../domain/monitoring/read-monitoring.ts';
import { watchedEndpoints } from '../../../../domain/monitoring/watched-endpoints.ts';
import type { RegistryReader } from '../../../../domain/registry/ports.ts';
import { makeTestContext, makeTestRandomBytes, NOON_MS } from '../../../support/call-context.ts';
import { MonitoringWorld, makeLine, makeShape, START_MINUTE } from '../../../support/monitoring-world.ts';

const shape = makeShape();
const endpointSummary = {
  name: 'flights',
  target: 'platform' as const,
  model: 'delays',
  version: 1,
  status: 'IN_SERVICE' as const,
  rolloutRunning: false,
};
const monitor = (more: object = {}): Monitor => ({
  ...defaultMonitor('flights', '2026-01-01T00:00:00.000Z'),
  ...monitorInput.parse({ window: { minutes: 1 }, ...more }),
});
let store: MemoryStore;
let world: MonitoringWorld;

/** `lines` requests of 100 rows in a minute; `factor` changes the unit of the distance. */
async function serve(minute: number, factor = 1, lines = 3) {
  const made = Array.from({ length: lines }, (_, n) => makeLine({ n }, 100, factor));
  const window = countWindow({ tenant: 'acme', endpoint: 'flights', version: 1, minute }, made, 0, shape);
  await world.put(window, 'object');
}

const evaluate = (watermark: number, more: object = {}) =>
  evaluateDrift({ store, windows: world, shapes: { find: async () => shape } }, makeTestContext(), {
    endpoint: 'flights',
    version: 1,
    monitor: monitor(more),
    watermark,
  });
const eventTypes = () => store.events.map(({ detailType }) => detailType);

beforeEach(() => {
  store = new MemoryStore();
  world = new MonitoringWorld();
});

describe('closeWindows', () => {
  const minute = (at: number, rows: number) => ({
    tenant: 'acme',
    endpoint: 'flights',
    version: 1,
    minute: at,
    rows,
    observation: countWindow({ tenant: 'a', endpoint: 'b', version: 1, minute: at }, [], 0, undefined)
      .observation,
    sketchBytes: undefined,
    sequences: { e: [[at, at, 1] as const] },
  });
  const close = (
    settings: { minutes: number } | { rows: number },
    minutes: ReturnType<typeof minute>[],
    from = 10,
    watermark = 20,
  ) => closeWindows(minutes, settings, from, watermark, () => undefined);

  it('cuts on the clock’s grid and leaves out windows without rows', () => {
    const { windows, nextMinute } = close(
      { minutes: 5 },
      [minute(11, 7), minute(12, 3), minute(19, 1), minute(20, 9)],
      11,
    );

    expect(windows.map(({ fromMinute, toMinute, rows }) => [fromMinute, toMinute, rows])).toEqual([
      [11, 15, 10],
      [15, 20, 1],
    ]);
    expect(nextMinute).toBe(20);
  });

  it('waits for the watermark', () => {
    expect(close({ minutes: 5 }, [minute(11, 7)], 10, 14)).toEqual({ windows: [], nextMinute: 10 });
  });

  it('cuts as soon as enough rows have come', () => {
    const { windows, nextMinute } = close({ rows: 30 }, [
      minute(11, 20),
      minute(11, 5),
      minute(13, 5),
      minute(15, 29),
    ]);

    expect(windows.map(({ fromMinute, toMinute, rows }) => [fromMinute, toMinute, rows])).toEqual([
      [11, 14, 30],
    ]);
    expect(nextMinute).toBe(14);
  });

  it('counts lines that were lost inside a window', () => {
    const { windows } = close({ minutes: 10 }, [minute(11, 1), minute(14, 1)]);

    expect(windows[0]?.loss).toEqual({ gaps: 2, repeats: 0, lines: 2 });
  });
});

describe('evaluateDrift', () => {
  it('keeps a calm window and tells nobody', async () => {
    await serve(START_MINUTE);

    const judged = await evaluate(START_MINUTE + 1);

    const { items } = await listWindows(store, makeTestContext(), 'flights', 'drift', { limit: 10 });
    expect(judged).toBe(1);
    expect(items[0]).toMatchObject({ version: 1, rows: 300, verdict: 'NONE', loss: { gaps: 0 } });
    expect(eventTypes()).toEqual([]);
  });

  it('tells drift and a changed unit once per window, with the columns', async () => {
    await serve(START_MINUTE, 1000);

    await evaluate(START_MINUTE + 1);
    await evaluate(START_MINUTE + 1);

    expect(eventTypes()).toEqual(['DriftDetected', 'QualityViolated']);
    expect(store.events[0]?.data).toMatchObject({ endpoint: 'flights', model: 'delays', rows: 300 });
    expect(store.events[0]?.data.columns).toContainEqual({ column: 'distance', verdict: 'SEVERE' });
    expect((await listQualityViolations(store, 'acme', 'flights'))[0]).toMatch(/^distance: /);
    expect(await listQualityViolations(store, 'acme', 'other')).toEqual([]);
  });

  it('waits until drift persists when asked to', async () => {
    const persistence = { persistence: { windows: 2, of: 2 } };
    await serve(START_MINUTE, 1000);
    await evaluate(START_MINUTE + 1, persistence);
    const afterOne = eventTypes().filter((type) => type === 'DriftDetected');
    await serve(START_MINUTE + 1, 1000);

    await evaluate(START_MINUTE + 2, persistence);

    expect([afterOne.length, eventTypes().filter((type) => type === 'DriftDetected').length]).toEqual([0, 1]);
  });

  it('leaves out columns that the capture does not keep', async () => {
    await serve(START_MINUTE, 1000);
    const subject = {
      endpoint: 'flights',
      version: 1,
      monitor: monitor(),
      watermark: START_MINUTE + 1,
      ignore: ['distance'],
    };

    await evaluateDrift(
      { store, windows: world, shapes: { find: async () => shape } },
      makeTestContext(),
      subject,
    );

    expect(eventTypes()).toEqual([]);
  });

  it('finds in small windows together what none of them shows alone', async () => {
    const made = (minute: number) =>
      countWindow(
        { tenant: 'acme', endpoint: 'flights', version: 1, minute },
        [
          makeLine({
            f: Array.from({ length: 40 }, (_, i) => [
              i % 2 === 0 ? 'AA' : 'BB',
              (((minute * 40 + i) * 397) % 700) + 300,
            ]),
            y: [],
            q: [],
          }),
        ],
        0,
        shape,
      );
    for (let i = 0; i < 20; i++) await world.put(made(START_MINUTE + i), 'object');

    await evaluate(START_MINUTE + 20);

    expect(eventTypes()).toContain('DriftDetected');
  });

  it('takes twenty windows at a time and goes on from there', async () => {
    for (let i = 0; i < 25; i++) await serve(START_MINUTE + i);

    expect([
      await evaluate(START_MINUTE + 25),
      await evaluate(START_MINUTE + 25),
      await evaluate(START_MINUTE + 25),
    ]).toEqual([20, 5, 0]);
  });

  it('leaves alone what has no baseline', async () => {
    await serve(START_MINUTE);
    const deps = { store, windows: world, shapes: { find: async () => makeShape({ profile: undefined }) } };

    const subject = { endpoint: 'flights', version: 1, monitor: monitor(), watermark: START_MINUTE + 1 };

    expect(await evaluateDrift(deps, makeTestContext(), subject)).toBe(0);
  });
});

describe('evaluatePerformance', () => {
  const rows = (n: number, right: number) =>
    Array.from({ length: n }, (_, i) => ({
      prediction: i % 2,
      score: i % 2 ? 0.9 : 0.1,
      label: i < right ? i % 2 : 1 - (i % 2),
    }));
  const makeJoin = (window: LabelledWindow, fresh = true): LabelJoin => ({
    hasLabels: async () => fresh,
    read: async () =>
      new Map([
        [1, window],
        [2, { captured: 5, rows: [] }],
      ]),
    count: async () => window.rows.length,
  });
  const registry = {
    findVersion: async () => ({ version: 1, task: 'classification', metrics: { accuracy: 0.9, odd: 1 } }),
  } as unknown as RegistryReader;
  const subject = { endpoint: 'flights', model: 'delays', monitor: monitor() };
  const run = (window: LabelledWindow, fresh = true, nowMs = NOON_MS) =>
    evaluatePerformance(
      { store, labels: makeJoin(window, fresh), registry },
      makeTestContext({ nowMs }),
      subject,
    );

  it('keeps the metrics with their intervals beside the reference', async () => {
    await run({ captured: 1200, rows: rows(1000, 900) });

    const { items } = await listWindows(store, makeTestContext(), 'flights', 'performance', { limit: 10 });
    expect(items[0]).toMatchObject({
      captured: 1200,
      labelled: 1000,
      reference: { accuracy: 0.9 },
      degraded: false,
    });
    expect(items[0]?.metrics).toMatchObject({ accuracy: { value: 0.9 } });
    expect(eventTypes()).toEqual([]);
  });

  it('tells once that a version became worse, and again after it had recovered', async () => {
    await run({ captured: 1000, rows: rows(1000, 700) });
    await run({ captured: 1000, rows: rows(1000, 700) }, true, NOON_MS + 60_000);
    const first = eventTypes().length;
    await run({ captured: 1000, rows: rows(1000, 950) }, true, NOON_MS + 120_000);
    await run({ captured: 1000, rows: rows(1000, 600) }, true, NOON_MS + 180_000);

    expect(first).toBe(1);
    expect(eventTypes()).toEqual(['PerformanceDegraded', 'PerformanceDegraded']);
  });

  it('does nothing without new labels, and says nothing on too few', async () => {
    expect(await run({ captured: 9, rows: rows(9, 1) }, false)).toBe(0);

    await run({ captured: 100, rows: rows(100, 10) });

    expect(eventTypes()).toEqual([]);
  });
});

describe('ground truth and external predictions', () => {
  it('keeps labels under the time they came', async () => {
    const accepted = await postGroundTruth(world, makeTestContext(), 'flights', [
      { predictionId: 'prd_1', row: 0, value: 1 },
    ]);

    expect(accepted).toBe(1);
    expect([...world.labels.values()][0]?.[0]).toMatchObject({ predictionId: 'prd_1', receivedAt: NOON_MS });
  });

  it('refuses a token that is for other endpoints', async () => {
    const context = makeTestContext();
    const limited = {
      ...context,
      principal: { ...context.principal, roles: ['invoker' as const], endpoints: ['other'] },
    };

    await expect(postGroundTruth(world, limited, 'flights', [])).rejects.toThrow(
      "not for the endpoint 'flights'",
    );
  });

  it('lands predictions from elsewhere as capture lines, a missing column as null', async () => {
    const shapes = { find: async (_e: object, version: number) => (version === 1 ? shape : undefined) };
    const prediction = {
      version: 1,
      features: { distance: 5 },
      prediction: 1,
      score: 0.8,
      latencyMs: 2,
      inferenceId: 'mine',
    };

    const ids = await postPredictions({ landing: world, shapes }, makeTestContext(), 'flights', [
      prediction,
      { ...prediction, at: '2026-03-01T11:00:00.000Z', score: undefined, inferenceId: undefined },
    ]);

    const [batch] = [...world.landed.values()];
    const { lines } = readLanded(batch ?? []);
    expect(lines.map(({ id }) => id)).toEqual(ids);
    expect(lines[0]).toMatchObject({
      k: 'acme/flights',
      v: 1,
      f: [[null, 5]],
      y: [1],
      q: [0.8],
      x: 'mine',
      n: 0,
    });
    expect(lines[1]).toMatchObject({ t: Date.parse('2026-03-01T11:00:00.000Z'), n: 1 });
  });

  it.each([
    ['an unknown version', { version: 9, features: {} }, 'predictions[0].version'],
    ['an unknown column', { version: 1, features: { speed: 1 } }, 'predictions[0].features.speed'],
  ])('refuses %s by its path', async (_case, more, path) => {
    const shapes = { find: async (_e: object, version: number) => (version === 1 ? shape : undefined) };

    const posted = postPredictions({ landing: world, shapes }, makeTestContext(), 'flights', [
      { prediction: 1, latencyMs: 0, ...more },
    ]);

    await expect(posted).rejects.toMatchObject({ errors: [{ path }] });
    expect(world.landed.size).toBe(0);
  });
});

describe('a monitor', () => {
  const endpoints = {
    find: async (_t: string, name: string) => (name === 'flights' ? endpointSummary : undefined),
  } as never;

  it('is there from the first request, with defaults, and shows how far it has judged', async () => {
    await serve(START_MINUTE);
    await evaluate(START_MINUTE + 1);

    const view = await toMonitorView(store, makeTestContext(), endpointSummary);

    expect(view).toMatchObject({
      window: { minutes: 60 },
      enabled: true,
      revision: 0,
      baseline: { model: 'delays', version: 1 },
    });
    expect(view.evaluatedTo).toBe('2026-03-01T12:01:00.000Z');
    expect(
      (await toMonitorView(store, makeTestContext(), { ...endpointSummary, version: null })).baseline,
    ).toBeNull();
  });

  it('is changed with If-Match, and the change is in the events', async () => {
    await putMonitor(store, makeTestContext(), 'flights', monitor());
    await putMonitor(store, makeTestContext(), 'flights', monitor({ enabled: false }), 1);

    await expect(putMonitor(store, makeTestContext(), 'flights', monitor(), 1)).rejects.toMatchObject({
      status: 412,
    });
    expect(eventTypes()).toEqual(['MonitorChanged', 'MonitorChanged']);
  });

  it('is changed for every endpoint of a model, and shows the last window of each', async () => {
    await serve(START_MINUTE);
    await evaluate(START_MINUTE + 1);
    const reader = {
      listOfModel: async (_t: string, model: string) => (model === 'delays' ? [endpointSummary] : []),
    } as never;
    const input = monitorInput.parse({ window: { rows: 500 } });

    const changed = await configureModelDrift(
      { store, endpoints: reader },
      makeTestContext(),
      'delays',
      input,
    );
    const latest = await listLatestDrift(store, makeTestContext(), [{ name: 'flights' }, { name: 'other' }]);

    expect(changed.items[0]?.window).toEqual({ rows: 500 });
    expect(latest.items.map(({ endpoint }) => endpoint)).toEqual(['flights']);
    await expect(
      configureModelDrift({ store, endpoints: reader }, makeTestContext(), 'x', input),
    ).rejects.toMatchObject({ status: 404 });
  });

  it('of an endpoint that is absent is absent', async () => {
    await expect(requireWatched(endpoints, makeTestContext(), 'ghost')).rejects.toMatchObject({
      status: 404,
    });
    expect(await requireWatched(endpoints, makeTestContext(), 'flights')).toEqual(endpointSummary);
  });

  it('watches every endpoint of every tenant unless it is off', async () => {
    const platform = makeTestContext({ tenant: PLATFORM_TENANT });
    const deps = { store, randomBytes: makeTestRandomBytes(), seeds: [] };
    for (const tenant of ['acme', 'globex']) await createTenant(deps, platform, tenant);
    await putMonitor(store, makeTestContext({ tenant: 'globex' }), 'flights', monitor({ enabled: false }));

    const seen: string[] = [];
    for await (const { tenant } of watchedEndpoints(store, async () => [endpointSummary], 'now'))
      seen.push(tenant);

    expect(seen).toEqual(['acme']);
  });
});

describe('endpoint metrics', () => {
  let measured: Parameters<typeof viewMetrics>[0];

  beforeEach(() => {
    measured = { store, windows: world, endpoints: { listVersions: async () => [2] } };
  });

  it('show the candidate of a rollout, which was never judged for drift', async () => {
    await serve(START_MINUTE);
    const span = { from: '2026-03-01T11:00:00.000Z', to: '2026-03-01T13:00:00.000Z' };
    const incumbent = { ...endpointSummary, version: 2 };
    const endpoints = { listVersions: async () => [1] };

    const metrics = await viewMetrics({ ...measured, endpoints }, makeTestContext(), incumbent, span);

    expect(metrics.versions.map(({ version }) => version)).toEqual([1]);
  });

  it('sum up requests, errors, latency and loss by version', async () => {
    await serve(START_MINUTE);

    const metrics = await viewMetrics(measured, makeTestContext(), endpointSummary, {
      from: '2026-03-01T11:00:00.000Z',
      to: '2026-03-01T13:00:00.000Z',
    });

    expect(metrics.versions[0]).toMatchObject({
      version: 1,
      requests: 3,
      errors: 0,
      rows: 300,
      loss: { gaps: 0, repeats: 0, lines: 3 },
    });
    expect(metrics.versions[0]?.latencyMs?.p50).toBeCloseTo(3.16, 1);
  });

  it('leave out versions that nobody called', async () => {
    const metrics = await viewMetrics(measured, makeTestContext(), endpointSummary, {});

    expect(metrics.versions).toEqual([]);
    expect(metrics.to).toBe(new Date(NOON_MS).toISOString());
  });
});
