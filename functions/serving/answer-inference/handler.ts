import type { CheckEvent, CheckResult } from '../../../domain/serving/contract.ts';
import { makeInferenceAnswerer } from './answer-inference.ts';
import type { Answer } from './answers.ts';
import { checkVersion } from './check-version.ts';
import { parseServingEnvironment } from './environment.ts';
import type { InferenceEvent } from './read-request.ts';
import { startRuntime } from './start-runtime.ts';

/**
 * The function behind an endpoint: one published version serves one model version. It is called by the serving
 * API, and once by the deployer to try the version's own example. The model is loaded in INIT, so that one
 * that does not verify never answers a request.
 */
const runtime = await startRuntime(parseServingEnvironment(process.env));
const answer = makeInferenceAnswerer(runtime);

export async function handler(event: InferenceEvent | CheckEvent): Promise<Answer | CheckResult> {
  return 'perennialCheck' in event ? checkVersion(runtime) : answer(event);
}
