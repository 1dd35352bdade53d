import { MAX_BODY_BYTES } from '../../../domain/serving/contract.ts';
import { PayloadTooLargeError, UnsupportedMediaTypeError } from '../../../domain/serving/errors.ts';
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
const INFERENCE_ID = /^[\x21-\x7e][\x20-\x7e]{0,126}[\x21-\x7e]$|^[\x21-\x7e]$/;

/** The body as text; throws PayloadTooLargeError above 4 MB. */
export function readBody({ body, isBase64Encoded }: InferenceEvent): string {
  if (body === undefined || body === '') throw new InvalidInputError('The request has no body.');
  const bytes = isBase64Encoded ? Buffer.from(body, 'base64') : undefined;
  const size =
    bytes?.length ?? (body.length * MAX_BYTES_PER_UNIT > MAX_BODY_BYTES ? Buffer.byteLength(body) : 0);
  if (size > MAX_BODY_BYTES) {
    throw new PayloadTooLargeError(
      `The body has ${size} bytes; an endpoint takes at most ${MAX_BODY_BYTES}.`,
    );
  }
  return bytes === undefined ? body : bytes.toString('utf8');
}

/** JSON unless the caller says CSV; other types and charsets are refused, as MLflow's server does. */
export function readMediaType(contentType: string | undefined): 'json' | 'csv' {
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
  if (type === 'application/json' || type === 'text/csv') return type === 'text/csv' ? 'csv' : 'json';
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
