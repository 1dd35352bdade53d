import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readModelFiles, registerFiles } from '../../cli/register-files.ts';
import { breakModel, KNOWN_HOURS } from './break-model.ts';
import { callExample, fetchExample } from './call-example.ts';
import { createEndpoint } from './create-endpoint.ts';
import { isDrift } from './find-drift.ts';
import { type Flight, toDataframeSplit } from './flight.ts';
import { LiveTraffic } from './live-traffic.ts';
import type { ServedEndpoint } from './roll-out-version.ts';
import { hold, type Say, secondsSince } from './step-log.ts';
import type { TourContext } from './tour-context.ts';
import { waitFor } from './wait-for.ts';
import { CANARY, summarizeDecisions, watchRollout } from './watch-rollout.ts';

const METRES_PER_KILOMETRE = 1000;

/** Registers copies of a trained version's files under another model: as it is, and broken on purpose. */
export async function registerCandidates(
  context: TourContext,
  trained: number,
  morning: readonly Flight[],
  say: Say,
) {
  const { names } = context;
  const begin = Date.now();
  const folder = await mkdtemp(join(tmpdir(), 'perennial-tour-'));
  try {
    await downloadFiles(context, trained, folder);
    await register(context, folder);
    const endpoint = await createEndpoint(context, { name: names.faults, model: names.faults, version: 1 });
    const example = await fetchExample(context, names.faults, 1);
    await callExample(context, endpoint.url, example);
    const registerToFirstCorrectPredictionSeconds = secondsSince(begin);
    const seconds = registerToFirstCorrectPredictionSeconds;
    say(`uploaded files to first correct prediction: ${seconds} s`);
    hold(seconds < 20, `Register → first correct prediction took ${seconds} s; it must be below 20 s.`);
    await writeBrokenModel(context, folder, endpoint, morning);
    await register(context, folder);
    return { value: endpoint, evidence: { url: endpoint.url, registerToFirstCorrectPredictionSeconds } };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function downloadFiles({ as, names }: TourContext, version: number, folder: string): Promise<void> {
  const { items } = await as.viewer.registry.listModelVersionFiles({
    params: { name: names.model, v: String(version) },
  });
  for (const { path, url } of items) {
    await writeFile(join(folder, path), Buffer.from(await (await fetch(url)).arrayBuffer()));
  }
}

async function register({ as, names }: TourContext, folder: string) {
  const file = (name: string) => join(folder, name);
  const files = readModelFiles({
    ...{ onnx: file('model.onnx'), example: file('example.json'), profile: file('profile.json') },
  });
  const version = await registerFiles(as.scientist, names.faults, files, {
    signature: JSON.parse(await readFile(file('signature.json'), 'utf8')) as { inputs: unknown },
    task: 'classification',
    tags: {},
    timeoutSeconds: 60,
  });
  hold(version.status === 'READY', `The version was ${version.status}: ${version.reasons.join(' ')}`);
  return version;
}

/** Its example knows the morning only, as its author's tests did: so the platform's check cannot see it. */
async function writeBrokenModel(
  { invokerToken }: TourContext,
  folder: string,
  { url }: ServedEndpoint,
  flights: readonly Flight[],
): Promise<void> {
  const inputs = toDataframeSplit(flights.filter(({ hour }) => hour < KNOWN_HOURS).slice(0, 5));
  const response = await fetch(`${url}/invocations`, {
    method: 'POST',
    headers: { authorization: `Bearer ${invokerToken}`, 'content-type': 'application/json' },
    body: JSON.stringify(inputs),
  });
  const { predictions } = (await response.json()) as { predictions: unknown[] };
  await writeFile(
    join(folder, 'example.json'),
    JSON.stringify({ inputs, outputs: predictions, tolerance: 1e-4 }),
  );
  await writeFile(join(folder, 'model.onnx'), breakModel(await readFile(join(folder, 'model.onnx'))));
}

/** A candidate that dies of every flight after noon is taken out by the judge; the incumbent goes on. */
export async function rollOutBrokenVersion(
  context: TourContext,
  endpoint: ServedEndpoint,
  flights: readonly Flight[],
  say: Say,
) {
  const { as } = context;
  say('INJECTED: version 2 fails for every flight after noon, and its example does not show it');
  const callers = makeCallers(context, endpoint).start(flights);
  const { id } = await as.operator.deployment.startRollout({
    params: { name: endpoint.name },
    body: { version: 2, strategy: 'canary', policy: { ...CANARY.policy, firstWeight: 0.2 } },
  });
  const rollout = await watchRollout(context, id, say).finally(() => callers.stop());
  const count = await callers.finish();
  hold(rollout.outcome === 'ROLLED_BACK', `The broken version ended ${rollout.outcome}.`);
  const served = await as.viewer.deployment.getEndpoint({ params: { name: endpoint.name } });
  hold(served.version === 1, `The endpoint serves version ${served.version} after the rollback.`);
  say(`guard: ${rollout.reason}`);
  const evidence = { injected: 'a candidate that fails', reason: rollout.reason, traffic: count };
  return { value: rollout, evidence: { ...evidence, decisions: summarizeDecisions(rollout) } };
}

function makeCallers(
  context: TourContext,
  { name, url }: ServedEndpoint,
  alter?: (flights: readonly Flight[]) => readonly Flight[],
) {
  const { as, invokerToken } = context;
  return new LiveTraffic({
    ...{ endpoint: name, url, client: as.invoker, token: invokerToken },
    ...{ rowsPerRequest: 10, requestsPerSecond: 3, labels: false },
    ...(alter === undefined ? {} : { alter }),
  });
}

/** A caller starts to send metres instead of kilometres: drift there is, and no model may learn from it. */
export async function changeUnit(
  context: TourContext,
  endpoint: ServedEndpoint,
  flights: readonly Flight[],
  say: Say,
) {
  const { as, names } = context;
  say(`INJECTED: the distance comes times ${METRES_PER_KILOMETRE}, as if its unit had changed`);
  const params = { name: endpoint.name };
  const policy = `${names.policy}-faults`;
  await as.operator.monitoring.putMonitor({ params, body: { window: { rows: 500 } } });
  await as.admin.retraining.putRetrainingPolicy({
    params: { name: policy },
    body: {
      ...{ endpoint: endpoint.name, pipeline: names.pipeline, minimumLabels: 100, cooldownMinutes: 0 },
      triggers: { drift: 'MODERATE' },
    },
  });
  const inMetres = (rows: readonly Flight[]) =>
    rows.map((flight) => ({ ...flight, distance: flight.distance * METRES_PER_KILOMETRE }));
  const count = await makeCallers(context, endpoint, inMetres).start(flights).finish();
  const refusal = await waitFor(
    'The refusal of the retraining',
    async () => {
      const { items } = await as.viewer.retraining.listRetrainingEvaluations({ params: { name: policy } });
      hold(!items.some(({ decision }) => decision === 'STARTED'), 'A training started on broken data.');
      return items.find(({ skipReason }) => skipReason === 'DATA_QUALITY_BROKEN');
    },
    { timeoutSeconds: 240 },
  );
  const { items: windows } = await as.viewer.monitoring.listDriftWindows({ params });
  const verdict = windows.find((window) => isDrift(window.verdict))?.verdict;
  say(
    `guard: drift is ${verdict}, and the retraining is refused (${refusal.skipReason}): ${refusal.explanation}`,
  );
  const evidence = { injected: 'distance × 1000', verdict, skipReason: refusal.skipReason };
  return { value: undefined, evidence: { ...evidence, explanation: refusal.explanation, traffic: count } };
}
