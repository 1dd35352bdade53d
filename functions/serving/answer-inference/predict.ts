import type { Batch } from '../../../domain/serving/batch.ts';
import { PayloadTooLargeError, UnsupportedMediaTypeError } from '../../../domain/serving/errors.ts';
import { readCsv } from '../../../domain/serving/read-csv.ts';
import { readInferRequest } from '../../../domain/serving/read-infer-request.ts';
import { readInvocations } from '../../../domain/serving/read-invocations.ts';
import type { ServedModel } from '../../../domain/serving/served-model.ts';
import type { NamedTensors } from '../../../domain/serving/tensor.ts';
import { type InferenceEvent, readBody, readMediaType } from './read-request.ts';
import type { Operation } from './routes.ts';

/** Lambda answers at most 6 MB; the rest is the answer's own envelope. */
const MAX_ANSWER_BYTES = 5_500_000;

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
): Promise<string> {
  const media = readMediaType(event.headers?.['content-type']);
  const text = readBody(event);
  const body =
    operation === 'infer'
      ? await infer(model, text, media, names, trace)
      : await invoke(model, text, media, trace);
  if (body.length <= MAX_ANSWER_BYTES) return body;
  throw new PayloadTooLargeError(`The answer would have ${body.length} bytes; send fewer rows a request.`);
}

async function invoke(
  model: ServedModel,
  text: string,
  media: 'json' | 'csv',
  trace: Trace,
): Promise<string> {
  const { binding } = model;
  if (media === 'csv' && binding.kind === 'tensors') {
    throw new UnsupportedMediaTypeError(
      'CSV is for tables, and the model takes tensors: send application/json.',
    );
  }
  const body = media === 'csv' && binding.kind === 'columns' ? readCsv(text, binding) : model.parseBody(text);
  const batch = readInvocations(body as Readonly<Record<string, unknown>>, binding);
  trace.batch = batch;
  const outputs = await model.run(batch.feeds);
  trace.outputs = outputs;
  return model.writePredictions(outputs, batch.rows);
}

async function infer(
  model: ServedModel,
  text: string,
  media: 'json' | 'csv',
  names: { readonly endpoint: string; readonly modelVersion: number },
  trace: Trace,
): Promise<string> {
  if (media !== 'json') throw new UnsupportedMediaTypeError('infer takes application/json.');
  const body = model.parseBody(text);
  const request = readInferRequest(body, model.binding, model.plan.names);
  trace.batch = request.batch;
  const outputs = await model.run(request.batch.feeds);
  trace.outputs = outputs;
  return model.writeInferResponse(names, request, outputs);
}
