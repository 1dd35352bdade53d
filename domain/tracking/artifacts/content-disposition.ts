/** RFC 5987's attr-char, which needs no escape: https://www.rfc-editor.org/rfc/rfc5987#section-3.2.1 */
const PLAIN = /[A-Za-z0-9!#$&+\-.^_`|~]/;
/** RFC 9110's token; other names are quoted. */
const TOKEN = /^[A-Za-z0-9!#$%&'*+\-.^_`|~]+$/;

/** `Content-Disposition` of a download, as MLflow writes it: never shown on our origin, ASCII in any case. */
export function toAttachment(fileName: string): string {
  const ascii = fileName.normalize('NFKD').replace(/[^\u0020-\u007e]/g, '') || 'download';
  if (ascii === fileName) return `attachment; filename=${quote(fileName)}`;
  return `attachment; filename=${quote(ascii)}; filename*=UTF-8''${percentEncode(fileName)}`;
}

function quote(text: string): string {
  return TOKEN.test(text) ? text : `"${text.replaceAll(/["\\]/g, '\\$&')}"`;
}

function percentEncode(text: string): string {
  return [...new TextEncoder().encode(text)]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      return PLAIN.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    })
    .join('');
}
