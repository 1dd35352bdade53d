import { readFileSync } from 'node:fs';
import { preferTreesWhenBusy } from '../../adapters/serving/busy-session.ts';
import { createOrtSession } from '../../adapters/serving/ort-session.ts';
import { ServedModel } from '../../domain/serving/served-model.ts';
import { parseSignature } from '../../domain/shared/signature.ts';
import { makeInferenceAnswerer } from '../../functions/serving/answer-inference/answer-inference.ts';
import { parseServingEnvironment } from '../../functions/serving/answer-inference/environment.ts';
import { startRuntime } from '../../functions/serving/answer-inference/start-runtime.ts';

/** All modules of the endpoint's function and its model from the disk: INIT without what the network takes. */
const bytes = readFileSync('model.onnx');
const session = preferTreesWhenBusy(bytes, await createOrtSession(bytes));
export const model = new ServedModel(
  parseSignature(JSON.parse(readFileSync('signature.json', 'utf8'))),
  session,
);
export { makeInferenceAnswerer, parseServingEnvironment, startRuntime };
