import { MAX_BODY_BYTES } from '../../../domain/serving/contract.ts';
import { PayloadTooLargeError, UnsupportedMediaTypeError } from '../../../domain/serving/errors.ts';
import { refuse } from '../../../domain/serving/problems.ts';
import { InvalidInputError } from '../../../domain/shared/domain-error.ts';

/** What the runtime reads of an API Gateway event (payload format 2.0). */
export interface InferenceEvent {
  readonly rawPath: string;
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly body?: string | undefined;
  readonly isBase64Encoded?: boolean;
  readonly requestContext: {
    readonly stage?: string;
    readonly requestId?: string;
    readonly http: { readonly method: string };
    readonly authorizer?: { readonly lambda?: Readonly<Record<string, unknown>> | null };
  };
}

/** UTF-8 takes up to three bytes for each unit of a JavaScript string. */
const MAX_BYTES_PER_UNIT = 3;
/** Where the JSON ends and the tensors start, in requests and answers; gateways write names in lower case. */
export const HEADER_LENGTH = 'inference-header-content-length';
const INFERENCE_ID = /^[\x21-\x7e][\x20-\x7e]{0,126}[\x21-\x7e]$|^[\x21-\x7e]$/;

/** The body as text; throws PayloadTooLargeError above 4 MB. */
export function readBody(event: InferenceEvent): string {
  const { body, isBase64Encoded } = event;
  if (isBase64Encoded) return readBytes(event).toString('utf8');
  if (body === undefined || body === '') throw new InvalidInputError('The request has no body.');
  checkSize(body.length * MAX_BYTES_PER_UNIT > MAX_BODY_BYTES ? Buffer.byteLength(body) : 0);
  return body;
}

/** The body as it was sent; throws PayloadTooLargeError above 4 MB. */
function readBytes({ body, isBase64Encoded }: InferenceEvent): Buffer {
  if (body === undefined || body === '') throw new InvalidInputError('The request has no body.');
  const bytes = Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8');
  checkSize(bytes.length);
  return bytes;
}

function checkSize(bytes: number): void {
  if (bytes <= MAX_BODY_BYTES) return;
  throw new PayloadTooLargeError(
    `The body has ${bytes} bytes; an endpoint takes at most ${MAX_BODY_BYTES}: send the rows in several requests.`,
  );
}

/** The JSON of an Open Inference request, and the tensors that follow it in the binary form. */
export function readParts(event: InferenceEvent, media: MediaType): { text: string; binary: Uint8Array } {
  const header = event.headers?.[HEADER_LENGTH];
  if (header === undefined && media === 'json') return { text: readBody(event), binary: new Uint8Array() };
  const bytes = readBytes(event);
  const length = Number(header);
  if (header === undefined || !/^\d{1,9}$/.test(header) || length > bytes.length) {
    refuse(HEADER_LENGTH, `must be the bytes of the JSON, at most the body's ${bytes.length}`);
  }
  if (length < bytes.length && !event.isBase64Encoded) {
    throw new UnsupportedMediaTypeError('Binary tensors come as application/octet-stream.');
  }
  return { text: bytes.toString('utf8', 0, length), binary: bytes.subarray(length) };
}

export type MediaType = 'json' | 'csv' | 'binary';

const MEDIA_TYPES: ReadonlyMap<string | undefined, MediaType> = new Map([
  ['application/json', 'json'],
  ['text/csv', 'csv'],
  ['application/octet-stream', 'binary'],
]);

/** JSON unless the caller says another; other types and charsets are refused, as MLflow's server does. */
export function readMediaType(contentType: string | undefined): MediaType {
  if (contentType === undefined || contentType === 'application/json') return 'json';
  const [type, ...parameters] = contentType
    .toLowerCase()
    .split(';')
    .map((part) => part.trim());
  if (parameters.some((parameter) => !/^charset="?utf-8"?$/.test(parameter))) {
    throw new UnsupportedMediaTypeError(
      `'${contentType.slice(0, 100)}' is not supported: only charset=utf-8 is.`,
    );
  }
  const media = MEDIA_TYPES.get(type);
  if (media !== undefined) return media;
  throw new UnsupportedMediaTypeError(
    `'${contentType.slice(0, 100)}' is not supported: send application/json or text/csv.`,
  );
}

/** The caller's own id of a prediction, the join key of ground truth. */
export function readInferenceId(value: string | undefined): string | undefined {
  if (value === undefined || INFERENCE_ID.test(value)) return value;
  throw new InvalidInputError('X-Inference-Id must be 1 to 128 printable ASCII characters.', [
    { path: 'X-Inference-Id', message: 'must be 1 to 128 printable ASCII characters' },
  ]);
}
