import { createHmac, randomBytes, randomFillSync } from 'node:crypto';
import { preferTreesWhenBusy } from '../../../adapters/serving/busy-session.ts';
import { loadVersion } from '../../../adapters/serving/load-version.ts';
import { createOrtSession } from '../../../adapters/serving/ort-session.ts';
import { makeS3Reader, type S3Reader } from '../../../adapters/serving/s3-reader.ts';
import { bindSignature } from '../../../domain/serving/bind-signature.ts';
import { parseExample, toInvocation } from '../../../domain/serving/check-example.ts';
import type { VersionExample } from '../../../domain/serving/contract.ts';
import { JsonWriter } from '../../../domain/serving/json-writer.ts';
import { describeModel } from '../../../domain/serving/model-metadata.ts';
import type { ModelSession } from '../../../domain/serving/ports.ts';
import { readInvocations } from '../../../domain/serving/read-invocations.ts';
import { ServedModel } from '../../../domain/serving/served-model.ts';
import type { NamedTensors } from '../../../domain/serving/tensor.ts';
import { CaptureWriter, type HashValue } from '../../../domain/serving/write-capture.ts';
import { DomainError } from '../../../domain/shared/domain-error.ts';
import { type ModelSignature, parseSignature } from '../../../domain/shared/signature.ts';
import { makeUlid } from '../../../domain/shared/ulid.ts';
import type { ServingEnvironment } from './environment.ts';
import type { ServingRuntime } from './serving-runtime.ts';

/** Twelve hex digits keep environments of one endpoint apart for longer than their lines are kept. */
const ENVIRONMENT_ID_BYTES = 6;
/** 96 bits of the HMAC: values of one column do not collide, and 16 characters are all a line pays. */
const HASH_CHARACTERS = 16;
/** Random bytes are drawn for 256 ids at a time: one draw costs as much as writing a whole capture line. */
const RANDOM_POOL_BYTES = 4096;
const ULID_RANDOM_BYTES = 16;

/**
 * Loads and verifies the version that the environment names: INIT of an endpoint.
 *
 * @throws DomainError or EnvironmentError by name: a model that does not verify or load is not served
 */
export async function startRuntime(
  environment: ServingEnvironment,
  s3: S3Reader = makeS3Reader({ ...environment, endpointUrl: environment.s3EndpointUrl }),
): Promise<ServingRuntime> {
  const started = performance.now();
  const version = await loadVersion(s3, environment);
  const signature = parseSignature(JSON.parse(version.signature.toString('utf8')));
  const example = parseVersionExample(version.example);
  const loaded = await createOrtSession(version.model, environment.threads);
  const session = preferTreesWhenBusy(version.model, loaded, () => readExample(signature, loaded, example));
  const model = new ServedModel(signature, session, environment.inputPolicy);
  const { tenant, endpoint, modelVersion } = environment;
  return {
    tenant,
    endpoint,
    modelVersion,
    model,
    metadata: describeModel(endpoint, `${modelVersion}`, model.binding, session.graph),
    example,
    capture: environment.capture.enabled ? makeCapture(environment, model) : undefined,
    loadMs: Math.round(performance.now() - started),
    startsCold: !environment.isProvisioned,
    emit: makeEmitter(),
    makePredictionId: makePredictionIds(),
    nowMs: Date.now,
    elapsedMs: () => performance.now(),
    reportFailure,
  };
}

function parseVersionExample(bytes: Buffer | undefined): VersionExample | undefined {
  return bytes === undefined ? undefined : parseExample(JSON.parse(bytes.toString('utf8')));
}

/** The example's inputs as the model takes them; one that does not run is told when the version is checked. */
function readExample(
  signature: ModelSignature,
  session: ModelSession,
  example: VersionExample | undefined,
): readonly NamedTensors[] {
  if (example === undefined) return [];
  try {
    return [readInvocations(toInvocation(example), bindSignature(signature, session.graph)).feeds];
  } catch (error) {
    if (error instanceof DomainError) return [];
    throw error;
  }
}

function makeCapture(
  { tenant, endpoint, modelVersion, capture }: ServingEnvironment,
  model: ServedModel,
): CaptureWriter {
  const source = {
    tenant,
    endpoint,
    version: modelVersion,
    environment: randomBytes(ENVIRONMENT_ID_BYTES).toString('hex'),
  };
  const key = Buffer.from(capture.hashKey ?? '', 'base64');
  const hash: HashValue = (value) =>
    createHmac('sha256', key).update(value).digest('base64url').slice(0, HASH_CHARACTERS);
  return new CaptureWriter(source, capture, model.binding, model.plan, new JsonWriter(), hash);
}

/**
 * Lines go out before the answer does: Lambda freezes the environment right after it, and what a full pipe
 * holds back until then is lost when the environment is never used again.
 */
function makeEmitter(): (line: string) => void {
  const { _handle: handle } = process.stdout as { _handle?: { setBlocking?(blocking: boolean): void } };
  handle?.setBlocking?.(true);
  return (line) => process.stdout.write(line);
}

function makePredictionIds(): (nowMs: number) => string {
  const pool = Buffer.alloc(RANDOM_POOL_BYTES);
  let used = RANDOM_POOL_BYTES;
  return (nowMs) => {
    if (used === RANDOM_POOL_BYTES) {
      randomFillSync(pool);
      used = 0;
    }
    used += ULID_RANDOM_BYTES;
    return `prd_${makeUlid(nowMs, pool.subarray(used - ULID_RANDOM_BYTES, used))}`;
  };
}

function reportFailure(error: unknown, requestId: string): void {
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
  const cause =
    error instanceof DomainError && error.cause instanceof Error ? error.cause.message : undefined;
  console.error(
    JSON.stringify({ level: 'ERROR', capability: 'serving', requestId, name, message, cause, stack }),
  );
}
