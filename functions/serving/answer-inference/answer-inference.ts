import { PLATFORM_VERSION } from '../../../domain/serving/contract.ts';
import { MethodNotAllowedError } from '../../../domain/serving/errors.ts';
import { NotFoundError } from '../../../domain/shared/domain-error.ts';
import {
  type Answer,
  type Failure,
  failureAnswer,
  jsonAnswer,
  predictionAnswer,
  textAnswer,
  toFailure,
} from './answers.ts';
import { authorize } from './authorize.ts';
import { predict, type Trace } from './predict.ts';
import { type InferenceEvent, readInferenceId } from './read-request.ts';
import { makeRoutes, type ServingRoute, toRoutePath } from './routes.ts';
import type { ServingRuntime } from './serving-runtime.ts';

/** Makes the function that answers every request to an endpoint. */
export function makeInferenceAnswerer(runtime: ServingRuntime): (event: InferenceEvent) => Promise<Answer> {
  const routes = makeRoutes(runtime.tenant, runtime.endpoint, runtime.modelVersion);
  const v2Prefix = `/serving/${runtime.tenant}/${runtime.endpoint}/v2`;
  let cold = runtime.startsCold;

  return async (event) => {
    const isCold = cold;
    cold = false;
    const path = toRoutePath(event.rawPath, event.requestContext.stage);
    try {
      const route = findRoute(routes, path, event.requestContext.http.method);
      authorize(event, runtime.tenant, runtime.endpoint, route.method === 'POST' ? 'predict' : 'read');
      return route.method === 'POST'
        ? await answerPrediction(runtime, event, route, isCold)
        : describe(runtime, route);
    } catch (error) {
      return failureAnswer(path.startsWith(v2Prefix) ? 'v2' : 'mlflow', note(runtime, event, error), {});
    }
  };
}

function findRoute(routes: ReadonlyMap<string, ServingRoute>, path: string, method: string): ServingRoute {
  const route = routes.get(path);
  if (route === undefined) throw new NotFoundError('path', path.slice(0, 200));
  if (route.method === method) return route;
  throw new MethodNotAllowedError(`${path} takes ${route.method}.`);
}

async function answerPrediction(
  runtime: ServingRuntime,
  event: InferenceEvent,
  route: ServingRoute,
  cold: boolean,
): Promise<Answer> {
  const started = runtime.elapsedMs();
  const timeMs = runtime.nowMs();
  const id = runtime.makePredictionId(timeMs);
  const headers = { 'x-prediction-id': id, 'x-model-version': `${runtime.modelVersion}` };
  const trace: Trace = { inferenceId: undefined, batch: undefined, outputs: undefined };
  let failure: Failure | undefined;
  let answer: Answer;
  try {
    trace.inferenceId = readInferenceId(event.headers?.['x-inference-id']);
    answer = predictionAnswer(await predict(runtime.model, event, route.operation, runtime, trace), headers);
  } catch (error) {
    failure = note(runtime, event, error);
    trace.outputs = undefined;
    answer = failureAnswer(route.surface, failure, headers);
  }
  runtime.capture?.write(
    {
      timeMs,
      id,
      inferenceId: trace.inferenceId,
      status: answer.statusCode,
      durationMs: runtime.elapsedMs() - started,
      cold,
      error: failure?.code,
      batch: trace.batch,
      outputs: trace.outputs,
    },
    runtime.emit,
  );
  return answer;
}

/** Failures of ours are logged, once; refusals are the caller's business. */
function note(runtime: ServingRuntime, event: InferenceEvent, error: unknown): Failure {
  const failure = toFailure(error);
  if (failure.status >= 500) runtime.reportFailure(error, event.requestContext.requestId ?? '');
  return failure;
}

function describe(runtime: ServingRuntime, { operation }: ServingRoute): Answer {
  const { endpoint, metadata } = runtime;
  switch (operation) {
    case 'ping':
      return textAnswer('\n');
    case 'version':
      return textAnswer(PLATFORM_VERSION);
    case 'live':
      return jsonAnswer(200, '{"live":true}');
    case 'ready':
      return jsonAnswer(200, '{"ready":true}');
    case 'model-ready':
      return jsonAnswer(200, JSON.stringify({ name: endpoint, ready: true }));
    case 'metadata':
      return jsonAnswer(200, JSON.stringify(metadata));
    default:
      return jsonAnswer(
        200,
        JSON.stringify({
          name: 'perennial',
          version: PLATFORM_VERSION,
          extensions: ['binary_tensor_data'],
        }),
      );
  }
}
