import type * as z from 'zod';
import type { CapturedValue, CaptureLine } from '../serving/capture-line.ts';
import type { CallContext } from '../shared/call-context.ts';
import { type FieldError, InvalidInputError } from '../shared/domain-error.ts';
import type { predictionsInput } from './contract.ts';
import { requireEndpoint } from './ground-truth.ts';
import type { LandingZone, VersionShapes } from './ports.ts';

export type PredictionInput = z.output<typeof predictionsInput>['predictions'][number];

/**
 * Lands predictions of a model that is served elsewhere as the capture lines its own runtime would have
 * written: from there they go the way of all others.
 *
 * @throws InvalidInputError naming predictions whose version or columns nobody registered
 */
export async function postPredictions(
  deps: { readonly landing: LandingZone; readonly shapes: VersionShapes },
  context: CallContext,
  endpoint: string,
  predictions: readonly PredictionInput[],
): Promise<string[]> {
  requireEndpoint(context, endpoint);
  const columns = await findColumns(deps.shapes, context.tenant, endpoint, predictions);
  const errors = predictions.flatMap((prediction, i) => checkPrediction(prediction, i, columns));
  if (errors.length > 0) throw new InvalidInputError(`${errors[0]?.path}: ${errors[0]?.message}`, errors);
  const environment = context.newId('ext');
  const lines = predictions.map((prediction, n) => {
    const order = columns.get(prediction.version) ?? [];
    return toLine(context, endpoint, environment, n, prediction, order);
  });
  const events = lines.map((line) => ({ timestamp: line.t, message: JSON.stringify(line) }));
  await deps.landing.write(`external/${environment}`, [{ logStream: environment, events }]);
  return lines.map(({ id }) => id);
}

async function findColumns(
  shapes: VersionShapes,
  tenant: string,
  endpoint: string,
  predictions: readonly PredictionInput[],
) {
  const versions = [...new Set(predictions.map(({ version }) => version))];
  const found = await Promise.all(
    versions.map(
      async (version) => [version, (await shapes.find({ tenant, endpoint }, version))?.columns] as const,
    ),
  );
  return new Map(found);
}

function checkPrediction(
  { version, features }: PredictionInput,
  i: number,
  columns: ReadonlyMap<number, readonly string[] | undefined>,
): FieldError[] {
  const known = columns.get(version);
  const path = `predictions[${i}]`;
  if (known === undefined)
    return [{ path: `${path}.version`, message: `version ${version} is not registered for this endpoint` }];
  return Object.keys(features)
    .filter((name) => !known.includes(name))
    .map((name) => ({ path: `${path}.features.${name}`, message: 'is no column of the signature' }));
}

function toLine(
  context: CallContext,
  endpoint: string,
  environment: string,
  n: number,
  prediction: PredictionInput,
  columns: readonly string[],
): CaptureLine {
  const { inferenceId, at, version, features, score, latencyMs } = prediction;
  return {
    prn: 1,
    k: `${context.tenant}/${endpoint}`,
    v: version,
    e: environment,
    n,
    t: at === undefined ? context.nowMs : Date.parse(at),
    id: context.newId('prd'),
    ...(inferenceId === undefined ? {} : { x: inferenceId }),
    ms: latencyMs,
    f: [columns.map((name): CapturedValue => features[name] ?? null)],
    y: [prediction.prediction],
    ...(score === undefined ? {} : { q: [score] }),
  };
}
