import { callExample, fetchExample } from './call-example.ts';
import { createEndpoint } from './create-endpoint.ts';
import { type Flight, lateShare } from './flight.ts';
import { hold, type Say, type StepOutcome, secondsSince } from './step-log.ts';
import type { TourContext } from './tour-context.ts';
import { createPipeline, watchTraining } from './train-model.ts';
import { uploadFlights } from './upload-flights.ts';

/** What a training left: the version and when the platform began to register it. */
export interface TrainedVersion {
  readonly version: number;
  readonly metrics: Readonly<Record<string, number>>;
}

/** Model, dataset and pipeline; every version has to be approved by somebody else than its author. */
export async function prepareModel(context: TourContext, winter: readonly Flight[]) {
  const { as, names } = context;
  const task = 'classification' as const;
  await as.scientist.registry.createModel({ body: { name: names.model, task } });
  const body = { approval: { required: true }, gates: [{ metric: 'auc', min: 0.6 }] };
  await as.admin.registry.putModelPolicy({ params: { name: names.model }, body });
  const description = 'US flights of 2001, features known before departure';
  await as.scientist.datasets.createDataset({ body: { name: names.dataset, description } });
  const dataset = await uploadFlights(context, winter);
  await createPipeline(context);
  const evidence = { dataset: `${names.dataset}/1`, rows: dataset.rows, digest: dataset.digest };
  return { value: dataset, evidence: { ...evidence, lateShare: rounded(lateShare(winter)) } };
}

/** Trains on a dataset version, checks the signature and approves what came out. */
export async function trainVersion(
  context: TourContext,
  datasetVersion: number,
  reason: string,
  say: Say,
): Promise<StepOutcome<TrainedVersion>> {
  const { as, names } = context;
  const { id } = await as.scientist.training.startTrainingExecution({
    params: { name: names.pipeline },
    body: { datasetVersion, reason },
  });
  const { modelVersion: version, metrics, champion } = await watchTraining(context, id, say);
  const evidence = { execution: id, version, champion, metrics, ...(await approve(context, version, say)) };
  return { value: { version, metrics }, evidence };
}

async function approve({ as, names }: TourContext, version: number, say: Say) {
  const params = { name: names.model, v: String(version) };
  const verification = await as.viewer.registry.verifyModelVersion({ params });
  hold(verification.verified, `The signature does not hold: ${verification.problems.join(' ')}`);
  const { keyHint, files } = verification;
  say(`signed: ${files.length} files have the digests of the manifest, key ${keyHint?.slice(0, 12)}…`);
  const approval = await as.approver.registry.decideApproval({
    params,
    body: { decision: 'approved', reason: 'The tour looked at its metrics and its signature.' },
  });
  say(`version ${version} approved by ${approval.decidedBy}`);
  return { verified: true, keyHint, approvedBy: approval.decidedBy };
}

/** Creates the endpoint and calls it until it answers the version's own example. */
export async function serveVersion(context: TourContext, version: number, say: Say) {
  const { as, names } = context;
  const example = await fetchExample(context, names.model, version);
  const endpoint = await createEndpoint(context, { name: names.endpoint, model: names.model, version });
  const { predictions, maxDifference } = await callExample(context, endpoint.url, example);
  const { createdAt } = await as.viewer.registry.getModelVersion({
    params: { name: names.model, v: String(version) },
  });
  const registerToFirstCorrectPredictionSeconds = secondsSince(Date.parse(createdAt));
  say(`${endpoint.url}/invocations answers ${JSON.stringify(predictions[0])}, as the example says`);
  say(
    `registered to first correct prediction: ${registerToFirstCorrectPredictionSeconds} s, approval included`,
  );
  const bar = registerToFirstCorrectPredictionSeconds;
  hold(bar < 20, `Register → first correct prediction took ${bar} s; it must be below 20 s.`);
  const evidence = { url: endpoint.url, registerToFirstCorrectPredictionSeconds, maxDifference, predictions };
  return { value: endpoint, evidence };
}

export function rounded(value: number): number {
  return Math.round(value * 1e4) / 1e4;
}
