import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { publicUrl } from '../../../../adapters/lambda/public-url.ts';

function event(headers: Record<string, string>, stage = '$default') {
  return {
    headers,
    requestContext: { domainName: 'abc.execute-api.us-east-1.amazonaws.com', stage },
  } as unknown as APIGatewayProxyEventV2;
}

describe('publicUrl', () => {
  it.each([
    [event({}), 'https://abc.execute-api.us-east-1.amazonaws.com'],
    [event({ host: 'api.acme.example' }), 'https://api.acme.example'],
    [event({ host: '127.0.0.1:8080', 'x-forwarded-proto': 'http' }), 'http://127.0.0.1:8080'],
    [event({ host: 'inner', 'x-forwarded-host': 'outer' }, 'prod'), 'https://outer/prod'],
  ])('is what the caller used (%#)', (request, expected) => {
    expect(publicUrl(request)).toBe(expected);
  });
});
