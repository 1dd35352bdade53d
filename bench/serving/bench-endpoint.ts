import { createRequire } from 'node:module';
import { preferTreesWhenBusy } from '../../adapters/serving/busy-session.ts';
import { createOrtSession } from '../../adapters/serving/ort-session.ts';
import { CAPTURE_EVERYTHING } from '../../domain/serving/capture-settings.ts';
import { JsonWriter } from '../../domain/serving/json-writer.ts';
import { describeModel } from '../../domain/serving/model-metadata.ts';
import { ServedModel } from '../../domain/serving/served-model.ts';
import { CaptureWriter } from '../../domain/serving/write-capture.ts';
import type { ModelSignature } from '../../domain/shared/signature.ts';
import { makeUlid } from '../../domain/shared/ulid.ts';
import { makeInferenceAnswerer } from '../../functions/serving/answer-inference/answer-inference.ts';
import type { InferenceEvent } from '../../functions/serving/answer-inference/read-request.ts';
import type { ServingRuntime } from '../../functions/serving/answer-inference/serving-runtime.ts';
import { buildTreeClassifier, makeRandom } from '../../test/support/onnx-model.ts';

/** The model of the design's bars. */
export const TREES = 100;
export const DEPTH = 6;

const require = createRequire(import.meta.url);
const ort = require('onnxruntime-node') as typeof import('onnxruntime-node');

/** Names as long as real ones: 30 of them make a body of 0.7 KB. */
export function columnNames(features: number): string[] {
  return Array.from({ length: features }, (_, k) => `feature_${String(k).padStart(2, '0')}`);
}

/** An endpoint in this process, with its lines going where `emit` says. */
export async function makeBenchEndpoint(features: number, emit: ((line: string) => void) | undefined) {
  const signature: ModelSignature = {
    inputs: columnNames(features).map((name) => ({ name, type: 'double', required: true })),
    outputs: [],
    params: [],
  };
  const bytes = buildTreeClassifier(TREES, DEPTH, features);
  const session = preferTreesWhenBusy(bytes, await createOrtSession(bytes));
  const model = new ServedModel(signature, session);
  const source = { tenant: 'default', endpoint: 'flights', version: 3, environment: 'f3a1c5d7e9b2' };
  const random = new Uint8Array(16).fill(7);
  const runtime: ServingRuntime = {
    tenant: 'default',
    endpoint: 'flights',
    modelVersion: 3,
    model,
    metadata: describeModel('flights', '3', model.binding, session.graph),
    example: undefined,
    capture:
      emit === undefined
        ? undefined
        : new CaptureWriter(source, CAPTURE_EVERYTHING, model.binding, model.plan, new JsonWriter(), String),
    loadMs: 0,
    startsCold: false,
    emit: emit ?? (() => {}),
    makePredictionId: (nowMs) => `prd_${makeUlid(nowMs, random)}`,
    nowMs: Date.now,
    elapsedMs: () => performance.now(),
    reportFailure: (error) => {
      throw error;
    },
  };
  return makeInferenceAnswerer(runtime);
}

/** The same model under onnxruntime alone, with the options that the runtime uses. */
export async function makeRawSession(features: number) {
  const session = await ort.InferenceSession.create(buildTreeClassifier(TREES, DEPTH, features), {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    enableCpuMemArena: false,
    enableMemPattern: false,
  });
  return (data: Float32Array, rows: number) =>
    session.run({ features: new ort.Tensor('float32', data, [rows, features]) });
}

/** Rows as tables have them: half small counts, half measures of five digits; or measures of six digits alone. */
export function makeRows(rows: number, features: number, seed: number, decimals?: 'all'): number[][] {
  const random = makeRandom(seed);
  return Array.from({ length: rows }, () =>
    Array.from({ length: features }, (_, k) => {
      const value = random() * 10 - 5;
      if (decimals === 'all') return Number(value.toPrecision(6));
      return k % 2 === 0 ? Math.round(value) : Number(value.toPrecision(5));
    }),
  );
}

/** An event as API Gateway hands it over, authorizer's context included. */
export function makeEvent(path: string, body: unknown): InferenceEvent {
  return {
    rawPath: `/serving/default/flights${path}`,
    headers: { 'content-type': 'application/json', 'x-inference-id': 'order-4711' },
    body: JSON.stringify(body),
    isBase64Encoded: false,
    requestContext: {
      stage: '$default',
      requestId: 'JKJaXmPLvHcESHA=',
      http: { method: 'POST' },
      authorizer: { lambda: { tenant: 'default', actor: 'tok_01', roles: 'invoker', endpoints: 'flights' } },
    },
  };
}
