import { type Flight, lateShare } from './flight.ts';
import { LiveTraffic, type TrafficCount } from './live-traffic.ts';
import type { ServedEndpoint } from './roll-out-version.ts';
import { hold, type Say, secondsSince } from './step-log.ts';
import type { TourContext } from './tour-context.ts';
import { waitFor } from './wait-for.ts';
import { CANARY } from './watch-rollout.ts';

/** A window has at least this many rows: some days of flights, so that a weekend alone is no drift. */
const WINDOW_ROWS = 2000;

/** From here on nobody's hand is needed: what is watched, what starts a training, what rolls out by itself. */
export async function leaveItToThePlatform({ as, names }: TourContext, endpoint: ServedEndpoint) {
  const monitor = {
    window: { rows: WINDOW_ROWS },
    performance: { minimumLabels: 500, windowMinutes: 3 },
  };
  await as.operator.monitoring.putMonitor({ params: { name: endpoint.name }, body: monitor });
  await as.admin.registry.putModelPolicy({
    params: { name: names.model },
    body: {
      approval: { required: false },
      gates: [{ metric: 'auc', min: 0.6 }],
      rollout: CANARY,
      rollOutOnApproval: true,
    },
  });
  const policy = {
    ...{ endpoint: endpoint.name, pipeline: names.pipeline, minimumLabels: 3000, windowMinutes: 60 },
    triggers: { drift: 'SIGNIFICANT' as const, performance: false },
    ...{ append: true, cooldownMinutes: 60 },
  };
  await as.admin.retraining.putRetrainingPolicy({ params: { name: names.policy }, body: policy });
  return { value: undefined, evidence: { monitor, policy } };
}

/** What the monitor says of the calm days that were served so far. */
export async function lookAtCalmDays({ as }: TourContext, endpoint: ServedEndpoint, say: Say) {
  const windows = await waitFor(
    'A judged window',
    async () => {
      const items = await listWindows(as.viewer, endpoint.name);
      return items.length > 0 ? items : undefined;
    },
    { timeoutSeconds: 150 },
  );
  for (const { rows, verdict, reasons } of windows) {
    say(`window of ${rows} rows: ${verdict} ${reasons[0] ?? ''}`);
    hold(verdict === 'NONE', `Calm days count as drift (${verdict}): ${reasons.join(' ')}`);
  }
  return windows;
}

async function listWindows(viewer: TourContext['as']['viewer'], name: string) {
  return (await viewer.monitoring.listDriftWindows({ params: { name } })).items;
}

/** Serves the stormy days at once and posts what happened to each flight. */
export async function serveStorm(
  { as, invokerToken }: TourContext,
  { name, url }: ServedEndpoint,
  flights: readonly Flight[],
  say: Say,
): Promise<TrafficCount> {
  const callers = new LiveTraffic({
    ...{ endpoint: name, url, client: as.invoker, token: invokerToken },
    ...{ rowsPerRequest: 100, requestsPerSecond: 8, labels: true },
  });
  const count = await callers.start(flights).finish();
  const share = (100 * lateShare(flights)).toFixed(1);
  say(`${count.rows} flights of 12 to 16 June served, ${share} % late; ${count.labels} labels posted`);
  hold(count.failed === 0, `${count.failed} of ${count.requests} requests failed.`);
  return count;
}

/** Waits for the platform's own finding and the training it starts by itself. */
export async function waitForRenewal(
  context: TourContext,
  endpoint: ServedEndpoint,
  stormEndedAt: number,
  say: Say,
) {
  const { as, names } = context;
  const evaluation = await waitForStart(context, say);
  const detectedAt = Date.parse(evaluation.trigger.occurredAt);
  const window = (await listWindows(as.viewer, endpoint.name)).find(({ verdict }) => isDrift(verdict));
  hold(window !== undefined, 'A training started, and no window drifted.');
  hold(evaluation.executionId !== null, 'The evaluation names no execution.');
  const execution = await as.viewer.training.getTrainingExecution({ params: { id: evaluation.executionId } });
  const startedAt = Date.parse(execution.createdAt);
  const seconds = {
    windowClosedToDriftDetectedSeconds: secondsSince(Date.parse(window.to), detectedAt),
    lastDriftedRowToDriftDetectedSeconds: secondsSince(stormEndedAt, detectedAt),
    driftDetectedToTrainingStartedSeconds: secondsSince(detectedAt, startedAt),
  };
  say(`DriftDetected (${window.verdict}, ${window.rows} rows): ${window.reasons.slice(0, 2).join(' ')}`);
  say(
    `window closed → DriftDetected ${seconds.windowClosedToDriftDetectedSeconds} s; ` +
      `DriftDetected → training started ${seconds.driftDetectedToTrainingStartedSeconds} s`,
  );
  say(`policy ${names.policy}: ${evaluation.explanation}`);
  const start = seconds.driftDetectedToTrainingStartedSeconds;
  hold(start < 60, `DriftDetected → training started took ${start} s; it must be below 60 s.`);
  return { evaluation, execution, window, seconds };
}

function waitForStart({ as, names }: TourContext, say: Say) {
  const told = new Set<string>();
  return waitFor(
    'A training that the policy starts',
    async () => {
      const { items } = await as.viewer.retraining.listRetrainingEvaluations({
        params: { name: names.policy },
      });
      for (const { id, decision, skipReason, explanation } of items.toReversed()) {
        if (!told.has(id) && decision === 'SKIPPED') say(`skipped (${skipReason}): ${explanation}`);
        told.add(id);
      }
      return items.find(({ decision }) => decision === 'STARTED');
    },
    { timeoutSeconds: 240 },
  );
}

export function isDrift(verdict: string): boolean {
  return verdict === 'MODERATE' || verdict === 'SIGNIFICANT' || verdict === 'SEVERE';
}
