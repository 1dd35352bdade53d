import type { APIGatewayProxyEventV2 } from 'aws-lambda';

/**
 * Origin, and stage if it is not the default one, at which the caller reached the API: what a proxy in front
 * says (X-Forwarded-Host and -Proto), else the gateway's own host name. It only ever goes into the answer to
 * that caller.
 */
export function publicUrl(event: APIGatewayProxyEventV2): string {
  const { domainName, stage } = event.requestContext;
  const host = event.headers['x-forwarded-host'] ?? event.headers.host ?? domainName;
  const protocol = event.headers['x-forwarded-proto'] ?? 'https';
  return `${protocol}://${host}${stage === '$default' ? '' : `/${stage}`}`;
}
