import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { readBytes } from '../../../../functions/tracking/answer-artifacts/read-bytes.ts';

/** As the gateway hands on a body that it takes for text. */
function textEvent(sent: Uint8Array): APIGatewayProxyEventV2 {
  const headers = { 'content-length': String(sent.length) };
  return { body: Buffer.from(sent).toString(), headers, isBase64Encoded: false } as never;
}

describe('a body', () => {
  it('is read as it was sent, from base64', () => {
    const event = { body: 'AP8=', headers: { 'content-length': '2' }, isBase64Encoded: true } as never;

    expect(readBytes(event)).toEqual(Buffer.from([0, 255]));
  });

  it('is read as it was sent, from text in UTF-8', () => {
    expect(readBytes(textEvent(Buffer.from('é日\n')))).toEqual(Buffer.from('é日\n'));
  });

  it.each([
    ['in another encoding', [0xe9, 0x0a]],
    ['that ends within a character, in as many bytes as the mark for it', [0xf0, 0x9f, 0x98]],
  ])('is not taken for what was sent from text %s', (_case, bytes) => {
    expect(readBytes(textEvent(Buffer.from(bytes)))).toBeUndefined();
  });

  it('may be absent', () => {
    expect(readBytes({ headers: {}, isBase64Encoded: false } as never)).toEqual(Buffer.alloc(0));
  });
});
