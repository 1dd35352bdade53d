import type { Construct } from 'constructs';
import type { GatewayReference } from './capability-routes.ts';
import { readValue } from './shared-value.ts';

/** The Api stack's HTTP API, for a capability that lives in another stack. */
export function importGateway(scope: Construct): GatewayReference {
  return {
    httpApiId: readValue(scope, 'api/http-api-id'),
    authorizerId: readValue(scope, 'api/authorizer-id'),
  };
}
