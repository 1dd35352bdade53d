import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type * as z from 'zod';
import { InvalidInputError } from '../../domain/shared/domain-error.ts';
import { describeMlflowIssue } from '../../domain/shared/mlflow-shapes.ts';
import { PythonFloat } from '../../domain/shared/mlflow-words.ts';
import type { Route } from '../../domain/shared/route.ts';

/** A reviver's third argument, which the compiler's library does not know. */
type Reviver = (key: string, value: unknown, written?: { readonly source?: string }) => unknown;
type Fields = Readonly<Record<string, z.ZodType>>;

/**
 * The body as MLflow's server reads it: JSON only, with bare NaN, twice encoded by old clients; what is no JSON
 * object counts as an empty one.
 *
 * @throws InvalidInputError for another content type
 */
export function readMlflowBody(raw: string, event: APIGatewayProxyEventV2, route: Route): unknown {
  if (route.method === 'POST' || route.method === 'PUT') checkContentType(event.headers['content-type']);
  const parsed = parseJson(raw);
  const body = typeof parsed === 'string' ? parseJson(parsed) : parsed;
  const isObject = typeof body === 'object' && body !== null && !Array.isArray(body);
  return isObject ? useProtoNames(body as Record<string, unknown>, fieldsOf(route.body)) : {};
}

/**
 * MLflow's sentence about a wrong value of the body, as it was written: Python tells `9.0` from `9`. Reads the body
 * again, which only a refusal costs.
 */
export function describeWrongBody(raw: string): z.core.$ZodErrorMap {
  return (issue) => {
    const path = issue.path ?? [];
    const written = path.reduce<unknown>((value, key) => Object(value)[key], parseJson(raw, markFloats));
    return describeMlflowIssue({ code: issue.code, path, input: written ?? issue.input });
  };
}

const markFloats: Reviver = (_, value, written) =>
  Number.isInteger(value) && /[.eE]/.test(written?.source ?? '') ? new PythonFloat(value as number) : value;

/** A parameter that is given twice counts once, unless it is a list. */
export function toMlflowQuery(
  query: Readonly<Record<string, string | string[]>>,
  route: Route,
): Record<string, unknown> {
  const fields = fieldsOf(route.query);
  const single = Object.entries(query).map(([name, value]) => [
    name,
    Array.isArray(value) && fields[name]?.safeParse(value).success !== true ? value[0] : value,
  ]);
  return useProtoNames(Object.fromEntries(single), {});
}

function checkContentType(header: string | undefined): void {
  if (header === undefined) throw new InvalidInputError('Bad Request. Content-Type header is missing.');
  if (header.split(';')[0] === 'application/json') return;
  throw new InvalidInputError("Bad Request. Content-Type must be one of ['application/json'].");
}

function parseJson(text: string, revive?: Reviver): unknown {
  for (const attempt of [text, quoteBareNumbers(text)]) {
    try {
      return JSON.parse(attempt, revive);
    } catch {
      // MLflow's server takes what it cannot read as nothing, and says which parameter is missing.
    }
  }
  return undefined;
}

/** Python writes NaN and infinities as bare words. */
function quoteBareNumbers(text: string): string {
  return text.replace(/"(?:[^"\\]|\\.)*"|-?\b(?:NaN|Infinity)\b/g, (token) =>
    token.startsWith('"') ? token : `"${token}"`,
  );
}

function fieldsOf(schema: z.ZodType): Fields {
  return 'shape' in schema ? (schema.shape as Fields) : {};
}

/**
 * Protobuf takes a field in camelCase, too. MLflow looks for required ones under their own name alone, and for
 * a run's id under its old name.
 */
function useProtoNames(body: Record<string, unknown>, fields: Fields): Record<string, unknown> {
  const named = { ...body };
  for (const [name, schema] of Object.entries(fields)) {
    const other = name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
    if (other === name || !Object.hasOwn(body, other)) continue;
    if (Object.hasOwn(body, name)) {
      throw new InvalidInputError(
        `Request specifies both '${name}' and '${other}'; provide only one of them.`,
      );
    }
    if (schema.safeParse(undefined).success) named[name] = body[other];
  }
  if (named.run_id === undefined || named.run_id === null) named.run_id = named.run_uuid;
  return named;
}
