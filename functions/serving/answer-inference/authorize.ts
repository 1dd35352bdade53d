import { UnauthenticatedError } from '../../../domain/serving/errors.ts';
import { ForbiddenError, NotFoundError } from '../../../domain/shared/domain-error.ts';
import { hasRole, mayInvoke, parseAuthorizerContext } from '../../../domain/shared/principal.ts';
import type { InferenceEvent } from './read-request.ts';

/**
 * Lets a caller of this tenant through: invokers predict, viewers may read what the endpoint is.
 *
 * @throws UnauthenticatedError, NotFoundError for another tenant, ForbiddenError
 */
export function authorize(
  event: InferenceEvent,
  tenant: string,
  endpoint: string,
  access: 'read' | 'predict',
): void {
  const principal = parseAuthorizerContext(event.requestContext.authorizer?.lambda ?? undefined);
  if (principal === undefined) throw new UnauthenticatedError('The request carries no verified token.');
  if (principal.tenant !== tenant) throw new NotFoundError('endpoint', endpoint);
  if (mayInvoke(principal, endpoint) || (access === 'read' && hasRole(principal, 'viewer'))) return;
  throw new ForbiddenError(
    hasRole(principal, 'invoker')
      ? `The token may not call the endpoint '${endpoint}'.`
      : `This needs the role '${access === 'read' ? 'viewer' : 'invoker'}'.`,
  );
}
