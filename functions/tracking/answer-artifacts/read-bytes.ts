import type { APIGatewayProxyEventV2 } from 'aws-lambda';

/**
 * A request's body as it was sent. The gateway hands on what calls itself text as text, all else as base64: of
 * text that is not UTF-8, such as a table from a spreadsheet, the bytes are lost. Undefined then.
 */
export function readBytes({
  body = '',
  headers,
  isBase64Encoded,
}: APIGatewayProxyEventV2): Uint8Array | undefined {
  const bytes = Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8');
  if (isBase64Encoded) return bytes;
  const sentBytes = Number(headers['content-length'] ?? bytes.length);
  return sentBytes === bytes.length && !body.includes('\uFFFD') ? bytes : undefined;
}
