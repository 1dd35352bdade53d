import type { InferResponse } from '../../../domain/serving/write-infer-response.ts';
import { DomainError, type FieldError } from '../../../domain/shared/domain-error.ts';
import { HEADER_LENGTH } from './read-request.ts';

/** API Gateway's answer of a function (payload format 2.0). */
export interface Answer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly isBase64Encoded?: true;
}

/** Which family of routes was called: it decides the form of errors. */
export type Surface = 'mlflow' | 'v2';

/** MLflow's names of what went wrong, by HTTP status. */
const MLFLOW_CODES: Readonly<Record<number, string>> = {
  400: 'BAD_REQUEST',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'RESOURCE_DOES_NOT_EXIST',
  405: 'ENDPOINT_NOT_FOUND',
  413: 'BAD_REQUEST',
  415: 'BAD_REQUEST',
};

/** A refusal or failure as the caller sees it. */
export interface Failure {
  readonly status: number;
  /** Stable code, also in the capture line. */
  readonly code: string;
  readonly message: string;
  readonly errors: readonly FieldError[];
}

/** Only the platform's own refusals speak for themselves; everything else could quote the engine or a path. */
export function toFailure(error: unknown): Failure {
  if (error instanceof DomainError) {
    const errors = 'errors' in error ? (error.errors as readonly FieldError[]) : [];
    return { status: error.status, code: error.code, message: error.message, errors };
  }
  return {
    status: 500,
    code: 'INTERNAL_ERROR',
    message: 'The request failed inside the endpoint.',
    errors: [],
  };
}

export function failureAnswer(surface: Surface, failure: Failure, headers: Record<string, string>): Answer {
  const { status, message, errors } = failure;
  const error_code = MLFLOW_CODES[status] ?? 'INTERNAL_ERROR';
  const body = surface === 'v2' ? { error: message, errors } : { error_code, message, errors };
  return jsonAnswer(status, JSON.stringify(body), headers);
}

export function jsonAnswer(statusCode: number, body: string, headers: Record<string, string> = {}): Answer {
  headers['content-type'] = 'application/json';
  return { statusCode, headers, body };
}

/** The answer to a prediction: JSON, or JSON and then tensors, with a header that says where they start. */
export function predictionAnswer({ json, binary }: InferResponse, headers: Record<string, string>): Answer {
  if (binary.length === 0) return jsonAnswer(200, json, headers);
  headers['content-type'] = 'application/octet-stream';
  headers[HEADER_LENGTH] = `${json.length}`;
  const body = Buffer.concat([Buffer.from(json, 'latin1'), ...binary]).toString('base64');
  return { statusCode: 200, headers, body, isBase64Encoded: true };
}

export function textAnswer(body: string): Answer {
  return { statusCode: 200, headers: { 'content-type': 'text/plain' }, body };
}
