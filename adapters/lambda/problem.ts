import type * as z from 'zod';
import {
  DomainError,
  type FieldError,
  InvalidInputError,
  TooManyRequestsError,
} from '../../domain/shared/domain-error.ts';

/** An HTTP answer as API Gateway's payload format 2.0 takes it. */
export interface HttpAnswer {
  readonly statusCode: number;
  readonly headers: Record<string, string>;
  readonly body: string;
  readonly isBase64Encoded?: boolean;
}

/** MLflow's error codes; its statuses differ from ours for a taken name (400). */
const MLFLOW_CODES: Readonly<Record<string, { code: string; status: number }>> = {
  INVALID_INPUT: { code: 'INVALID_PARAMETER_VALUE', status: 400 },
  NOT_FOUND: { code: 'RESOURCE_DOES_NOT_EXIST', status: 404 },
  ALREADY_EXISTS: { code: 'RESOURCE_ALREADY_EXISTS', status: 400 },
  FORBIDDEN: { code: 'PERMISSION_DENIED', status: 403 },
  UNAUTHENTICATED: { code: 'UNAUTHENTICATED', status: 401 },
  CONFLICT: { code: 'INVALID_STATE', status: 400 },
  REFUSED: { code: 'INVALID_PARAMETER_VALUE', status: 400 },
  TOO_MANY_REQUESTS: { code: 'REQUEST_LIMIT_EXCEEDED', status: 429 },
  CONCURRENT_CHANGE: { code: 'RESOURCE_CONFLICT', status: 409 },
};

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  409: 'Conflict',
  412: 'Precondition Failed',
  413: 'Content Too Large',
  422: 'Unprocessable Content',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
};

/** Zod's issues as the API's field errors, addressed as `inputs[0].name`. */
export function toFieldErrors(error: z.ZodError): FieldError[] {
  return error.issues.map((issue) => ({
    path: issue.path.reduce<string>(
      (path, part) =>
        typeof part === 'number'
          ? `${path}[${part}]`
          : path === ''
            ? String(part)
            : `${path}.${String(part)}`,
      '',
    ),
    message: issue.message,
  }));
}

/** The one map from error to HTTP. What is not a DomainError is a 500 with a fixed text. */
export function toErrorAnswer(error: unknown, surface: 'platform' | 'mlflow', requestId: string): HttpAnswer {
  const known = isThrottling(error) ? throttled(error) : error;
  const answer = surface === 'mlflow' ? mlflowError(known, requestId) : problem(known, requestId);
  if (!(known instanceof TooManyRequestsError)) return answer;
  return { ...answer, headers: { ...answer.headers, 'retry-after': String(known.retryAfterSeconds) } };
}

/** DynamoDB's refusals for heat, after the SDK's own tries. */
const THROTTLING = new Set([
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'ThrottlingException',
]);

function isThrottling(error: unknown): boolean {
  return error instanceof Error && THROTTLING.has(error.name);
}

/** A partition cools within a second; MLflow's client waits as long as it is told. */
function throttled(cause: unknown): TooManyRequestsError {
  return new TooManyRequestsError('Too many requests at once; try again in a moment.', 2, { cause });
}

function problem(error: unknown, requestId: string): HttpAnswer {
  const known = error instanceof DomainError ? error : undefined;
  const status = known?.status ?? 500;
  const body = {
    type: `urn:perennial:error:${(known?.code ?? 'INTERNAL_ERROR').toLowerCase().replaceAll('_', '-')}`,
    title: TITLES[status] ?? 'Error',
    status,
    detail: known?.message ?? 'The platform failed; the request id finds the reason in its logs.',
    code: known?.code ?? 'INTERNAL_ERROR',
    requestId,
    ...(known instanceof InvalidInputError && known.errors.length > 0 ? { errors: known.errors } : {}),
  };
  return {
    statusCode: status,
    headers: { 'content-type': 'application/problem+json' },
    body: JSON.stringify(body),
  };
}

function mlflowError(error: unknown, requestId: string): HttpAnswer {
  const known = error instanceof DomainError ? error : undefined;
  const mapped = known
    ? (MLFLOW_CODES[known.code] ?? { code: known.code, status: known.status })
    : { code: 'INTERNAL_ERROR', status: 500 };
  const message = known?.message ?? `The platform failed; request ${requestId} finds the reason in its logs.`;
  return {
    statusCode: mapped.status,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ error_code: mapped.code, message }),
  };
}
