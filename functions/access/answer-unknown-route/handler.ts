import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { createApi } from '../../../adapters/lambda/api.ts';
import { toErrorAnswer } from '../../../adapters/lambda/problem.ts';
import { UnauthenticatedError } from '../../../domain/access/errors.ts';
import { parseAuthorizerContext } from '../../../domain/shared/principal.ts';

const answerUnknown = createApi({}, {});

/** The `$default` route: a 404 that is not JSON outside `/api/v1`, which MLflow's clients need to fall back. */
export async function handler(event: APIGatewayProxyEventV2) {
  const { authorizer } = event.requestContext as { authorizer?: { lambda?: Record<string, unknown> } };
  if (parseAuthorizerContext(authorizer?.lambda) !== undefined) return answerUnknown(event);
  const surface = event.rawPath.startsWith('/api/v1/') ? 'platform' : 'mlflow';
  return toErrorAnswer(new UnauthenticatedError(), surface, event.requestContext.requestId);
}
