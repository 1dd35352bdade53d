import type { IncomingMessage } from 'node:http';

/** API Gateway's own answer to a request that never reaches a function. */
export interface GatewayRefusal {
  readonly status: number;
  readonly message: string;
}

// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
const maxHeaderBytes = 10_240;
export const maxBodyBytes = 10 * 1024 * 1024;
export const integrationTimeoutMs = 30_000;
/** https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html: 6 MB of event, as JSON. */
const maxEventBytes = 6 * 1024 * 1024;

export const tooLarge: GatewayRefusal = { status: 413, message: 'Request Entity Too Large' };
export const headersTooLarge: GatewayRefusal = { status: 431, message: 'Request Header Fields Too Large' };
export const tooManyRequests: GatewayRefusal = { status: 429, message: 'Too Many Requests' };
export const unavailable: GatewayRefusal = { status: 503, message: 'Service Unavailable' };

/** Bytes of request line and headers, as they came in. */
export function headerBytes(request: Pick<IncomingMessage, 'method' | 'url' | 'rawHeaders'>): number {
  const requestLine = `${request.method} ${request.url} HTTP/1.1\r\n`;
  // Each name and each value carries two more bytes: `: ` or the line's end.
  const headers = request.rawHeaders.reduce((sum, text) => sum + Buffer.byteLength(text, 'latin1') + 2, 0);
  return Buffer.byteLength(requestLine) + headers;
}

/** What API Gateway would refuse before it has read a body; undefined when it would go on. */
export function refuseHead(request: IncomingMessage): GatewayRefusal | undefined {
  if (headerBytes(request) > maxHeaderBytes) return headersTooLarge;
  if (Number(request.headers['content-length'] ?? 0) > maxBodyBytes) return tooLarge;
  return undefined;
}

/** What Lambda would refuse: an event above 6 MB, in which a body that is not text is base64. */
export function refuseBody(body: Buffer, contentType: string | undefined): GatewayRefusal | undefined {
  const bytes = isTextBody(contentType)
    ? JSON.stringify(body.toString()).length
    : Math.ceil(body.length / 3) * 4;
  return bytes > maxEventBytes ? tooLarge : undefined;
}

/** Which bodies HTTP APIs hand on as text; all others, an absent type included, become base64. */
export function isTextBody(contentType: string | undefined): boolean {
  const type = (contentType ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  return (
    type.startsWith('text/') ||
    ['application/json', 'application/xml', 'application/javascript'].includes(type)
  );
}

export interface ThrottleSettings {
  readonly requestsPerSecond: number;
  readonly burst: number;
}

/** An account's default: https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html */
export const accountThrottle: ThrottleSettings = { requestsPerSecond: 10_000, burst: 5_000 };

/** API Gateway's token bucket: true while a request may pass. */
export function makeThrottle(settings: ThrottleSettings, nowMs: () => number): () => boolean {
  let tokens = settings.burst;
  let filledAt = nowMs();
  return () => {
    const now = nowMs();
    tokens = Math.min(settings.burst, tokens + ((now - filledAt) / 1000) * settings.requestsPerSecond);
    filledAt = now;
    if (tokens < 1) return false;
    tokens -= 1;
    return true;
  };
}
