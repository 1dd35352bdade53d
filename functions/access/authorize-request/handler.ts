import type { APIGatewayRequestAuthorizerEventV2 } from 'aws-lambda';
import { createDynamoStore } from '../../../adapters/dynamodb/dynamo-store.ts';
import { readEnvironment } from '../../../adapters/lambda/environment.ts';
import { makeJwtVerifier } from '../../../adapters/oidc/verify-jwt.ts';
import { authenticate } from '../../../domain/access/authenticate.ts';
import { readAuthorization } from '../../../domain/access/token.ts';
import { toAuthorizerContext } from '../../../domain/shared/principal.ts';
import { environment } from './environment.ts';

const env = readEnvironment(environment);
const deps = {
  store: createDynamoStore({ tableName: env.PLATFORM_TABLE_NAME }),
  verifyJwt: makeJwtVerifier(env.OIDC),
  oidc: env.OIDC ?? { tenantClaim: '', rolesClaim: '' },
};

/**
 * Authenticates only: its answer is cached for every route, so it can decide for none. A token that does not
 * hold goes on without a principal, and each handler answers 401 in the form its clients know: a refusal here
 * would reach them as 403 (docs/adr/0013-authorizer-authenticates-only.md).
 */
export async function handler(event: APIGatewayRequestAuthorizerEventV2) {
  const token = readAuthorization(event.headers?.authorization);
  const principal = await authenticate(deps, token, Date.now());
  return { isAuthorized: true, context: principal === undefined ? {} : toAuthorizerContext(principal) };
}
