import { setTimeout as delay } from 'node:timers/promises';
import { type Flight, lateShare } from './flight.ts';
import { LiveTraffic, type TrafficCount } from './live-traffic.ts';
import type { ServedEndpoint } from './roll-out-version.ts';
import { hold, type Say, secondsSince } from './step-log.ts';
import type { TourContext } from './tour-context.ts';
import { waitFor } from './wait-for.ts';
import { CANARY } from './watch-rollout.ts';

/** A window has at least this many rows: some days of flights, so that a weekend alone is no drift. */
const WINDOW_ROWS = 1500;

const MINUTE_MS = 60_000;

/** Serving the storm takes about this long. */
const STORM_MS = 25_000;

/** Settings of a local installation: captures may take so long to arrive, and drift is evaluated so often. */
const CAPTURE_PATH_SECONDS = 15;
const EVALUATION_SECONDS = 60;
/** An evaluation tells what it found when it is done, on a busy machine seconds after it began. */
const EVALUATION_RUN_SECONDS = 10;

/** From here on nobody's hand is needed: what is watched, what starts a training, what rolls out by itself. */
export async function leaveItToThePlatform({ as, names }: TourContext, endpoint: ServedEndpoint) {
  const monitor = {
    window: { rows: WINDOW_ROWS },
    performance: { minimumLabels: 500, windowMinutes: 3 },
  };
  const policy = {
    ...{ endpoint: endpoint.name, pipeline: names.pipeline, minimumLabels: 3000, windowMinutes: 60 },
    triggers: { drift: 'MODERATE' as const, performance: false },
    ...{ append: true, cooldownMinutes: 60 },
  };
  const rollOut = {
    approval: { required: false },
    gates: [{ metric: 'auc', min: 0.6 }],
    ...{ rollout: CANARY, rollOutOnApproval: true },
  };
  await Promise.all([
    as.operator.monitoring.putMonitor({ params: { name: endpoint.name }, body: monitor }),
    as.admin.registry.putModelPolicy({ params: { name: names.model }, body: rollOut }),
    as.admin.retraining.putRetrainingPolicy({ params: { name: names.policy }, body: policy }),
  ]);
  return { value: undefined, evidence: { monitor, policy, modelPolicy: { rollOutOnApproval: true } } };
}

/** Serves the storm and waits until the platform has found it and started a training by itself. */
export async function findStorm(
  context: TourContext,
  endpoint: ServedEndpoint,
  version: number,
  flights: readonly Flight[],
  say: Say,
) {
  await waitForRoom();
  const stormBeganAt = Date.now();
  const traffic = await serveStorm(context, endpoint, flights, say);
  const evaluation = await waitForStart(context, say);
  const windows = await listWindows(context.as.viewer, endpoint.name);
  const calm = checkCalmDays(windows, stormBeganAt, say);
  // Newest first: the training answers the first window that drifted.
  const drift = windows.findLast(({ verdict }) => isDrift(verdict));
  hold(drift !== undefined, 'A training started, and no window drifted.');
  say(`DriftDetected (${drift.verdict}, ${drift.rows} rows): ${drift.reasons.slice(0, 2).join(' ')}`);
  say(`the policy: ${evaluation.explanation}`);
  const { id, seconds } = await measureReaction(context, evaluation, drift, traffic.lastAnswerAt);
  say(
    `window closed → DriftDetected ${seconds.windowClosedToDriftDetectedSeconds} s; ` +
      `DriftDetected → training runs ${seconds.driftDetectedToTrainingStartedSeconds} s`,
  );
  const degraded = await waitForDegradation(context, endpoint, version, say);
  const { rows, verdict, reasons } = drift;
  const performance = { labelled: degraded.labelled, reasons: degraded.reasons };
  const evidence = { traffic, calm, drift: { rows, verdict, reasons }, performance, ...seconds };
  return { value: id, evidence };
}

/** Windows end with the clock's minutes: what would run over the end waits for the next minute to begin. */
async function waitForRoom(): Promise<void> {
  const intoMinute = Date.now() % MINUTE_MS;
  if (intoMinute > MINUTE_MS - STORM_MS) await delay(MINUTE_MS - intoMinute);
}

type Windows = Awaited<ReturnType<typeof listWindows>>;

/** The windows that ended before the storm: a monitor that cries at every day is none. */
function checkCalmDays(windows: Windows, stormBeganAt: number, say: Say) {
  const before = windows.filter(
    ({ to }) => Date.parse(to) <= Math.floor(stormBeganAt / MINUTE_MS) * MINUTE_MS,
  );
  hold(before.length > 0, 'No window of the calm days was judged.');
  return before.toReversed().map(({ rows, verdict, reasons }) => {
    say(`calm days, window of ${rows} rows: ${verdict}`);
    hold(!isDrift(verdict), `Calm days count as drift (${verdict}): ${reasons.join(' ')}`);
    return { rows, verdict };
  });
}

async function listWindows(viewer: TourContext['as']['viewer'], name: string) {
  return (await viewer.monitoring.listDriftWindows({ params: { name } })).items;
}

/** Serves the stormy days within one minute, so that one window holds them, and posts what happened. */
async function serveStorm(
  { as, invokerToken }: TourContext,
  { name, url }: ServedEndpoint,
  flights: readonly Flight[],
  say: Say,
): Promise<TrafficCount> {
  const callers = new LiveTraffic({
    ...{ endpoint: name, url, client: as.invoker, token: invokerToken },
    ...{ rowsPerRequest: 150, requestsPerSecond: 8, labels: true },
  });
  const count = await callers.start(flights).finish();
  const share = (100 * lateShare(flights)).toFixed(1);
  say(`${count.rows} flights of 12 to 16 June served, ${share} % late; ${count.labels} labels posted`);
  hold(count.failed === 0, `${count.failed} of ${count.requests} requests failed.`);
  return count;
}

/** How long the platform took; a window can be judged once its captures have had the time to arrive. */
async function measureReaction(
  { as }: TourContext,
  evaluation: Awaited<ReturnType<typeof waitForStart>>,
  drift: Windows[number],
  stormEndedAt: number,
) {
  const detectedAt = Date.parse(evaluation.trigger.occurredAt);
  const id = evaluation.executionId;
  hold(id !== null, 'The evaluation names no execution.');
  const { startedAt } = await waitFor(
    'The start of the training',
    async () => {
      const execution = await as.viewer.training.getTrainingExecution({ params: { id } });
      return execution.startedAt === null ? undefined : { startedAt: execution.startedAt };
    },
    { timeoutSeconds: 60, intervalSeconds: 0.5 },
  );
  const seconds = {
    windowClosedToDriftDetectedSeconds: secondsSince(Date.parse(drift.to), detectedAt),
    lastDriftedRowToDriftDetectedSeconds: secondsSince(stormEndedAt, detectedAt),
    driftDetectedToTrainingStartedSeconds: secondsSince(detectedAt, Date.parse(startedAt)),
  };
  const found = seconds.windowClosedToDriftDetectedSeconds - CAPTURE_PATH_SECONDS;
  const latest = EVALUATION_SECONDS + EVALUATION_RUN_SECONDS;
  hold(found <= latest, `DriftDetected came ${found} s after the captures; a period is 60 s.`);
  const start = seconds.driftDetectedToTrainingStartedSeconds;
  hold(start < 60, `DriftDetected → training started took ${start} s; it must be below 60 s.`);
  return { id, seconds };
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

/** Measured quality of the version that met the storm, from the labels that were posted. */
function waitForDegradation({ as }: TourContext, { name }: ServedEndpoint, version: number, say: Say) {
  return waitFor(
    `A performance window of version ${version} that is worse than its hold-out`,
    async () => {
      const { items } = await as.viewer.monitoring.listPerformanceWindows({ params: { name } });
      const found = items.find((window) => window.degraded && window.version === version);
      if (found !== undefined) say(`measured on ${found.labelled} labels: ${found.reasons.join(' ')}`);
      return found;
    },
    { timeoutSeconds: 120 },
  );
}

export function isDrift(verdict: string): boolean {
  return verdict === 'MODERATE' || verdict === 'SIGNIFICANT' || verdict === 'SEVERE';
}
