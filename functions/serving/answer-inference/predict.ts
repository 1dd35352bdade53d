import type { Batch } from '../../../domain/serving/batch.ts';
import { PayloadTooLargeError, UnsupportedMediaTypeError } from '../../../domain/serving/errors.ts';
import { readCsv } from '../../../domain/serving/read-csv.ts';
import { readInferRequest } from '../../../domain/serving/read-infer-request.ts';
import { readInvocations } from '../../../domain/serving/read-invocations.ts';
import type { ServedModel } from '../../../domain/serving/served-model.ts';
import type { NamedTensors } from '../../../domain/serving/tensor.ts';
import type { InferResponse } from '../../../domain/serving/write-infer-response.ts';
import { type InferenceEvent, type MediaType, readBody, readMediaType, readParts } from './read-request.ts';
import type { Operation } from './routes.ts';

/** Lambda answers at most 6 MB, binary ones in base64; the rest is the answer's own envelope. */
const MAX_ANSWER_BYTES = 5_500_000;
const BASE64_SHARE = 3 / 4;

/** What a prediction leaves for its capture line, filled in as far as the request came. */
export interface Trace {
  inferenceId: string | undefined;
  batch: Batch | undefined;
  outputs: NamedTensors | undefined;
}

/** Runs the model on the request's rows and answers the body; what it read is left in `trace`. */
export async function predict(
  model: ServedModel,
  event: InferenceEvent,
  operation: Operation,
  names: { readonly endpoint: string; readonly modelVersion: number },
  trace: Trace,
): Promise<InferResponse> {
  const media = readMediaType(event.headers?.['content-type']);
  const response =
    operation === 'infer'
      ? await infer(model, event, media, names, trace)
      : { json: await invoke(model, event, media, trace), binary: [] };
  const { json, binary } = response;
  const bytes = binary.reduce((sum, { length }) => sum + length, json.length);
  if (bytes <= (binary.length === 0 ? MAX_ANSWER_BYTES : MAX_ANSWER_BYTES * BASE64_SHARE)) return response;
  throw new PayloadTooLargeError(`The answer would have ${bytes} bytes; send fewer rows a request.`);
}

async function invoke(
  model: ServedModel,
  event: InferenceEvent,
  media: MediaType,
  trace: Trace,
): Promise<string> {
  const { binding } = model;
  if (media === 'binary') {
    throw new UnsupportedMediaTypeError('invocations takes application/json or text/csv.');
  }
  if (media === 'csv' && binding.kind === 'tensors') {
    throw new UnsupportedMediaTypeError(
      'CSV is for tables, and the model takes tensors: send application/json.',
    );
  }
  const text = readBody(event);
  const body = media === 'csv' && binding.kind === 'columns' ? readCsv(text, binding) : model.parseBody(text);
  const batch = readInvocations(body as Readonly<Record<string, unknown>>, binding);
  trace.batch = batch;
  const outputs = await model.run(batch.feeds);
  trace.outputs = outputs;
  return model.writePredictions(outputs, batch.rows);
}

async function infer(
  model: ServedModel,
  event: InferenceEvent,
  media: MediaType,
  names: { readonly endpoint: string; readonly modelVersion: number },
  trace: Trace,
): Promise<InferResponse> {
  if (media === 'csv') {
    throw new UnsupportedMediaTypeError('infer takes application/json or application/octet-stream.');
  }
  const { text, binary } = readParts(event, media);
  const body = model.parseBody(text);
  const request = readInferRequest(body, model.binding, model.plan.names, binary);
  trace.batch = request.batch;
  const outputs = await model.run(request.batch.feeds);
  trace.outputs = outputs;
  return model.writeInferResponse(names, request, outputs);
}
