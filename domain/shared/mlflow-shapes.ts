import * as z from 'zod';

/**
 * Shapes of MLflow's requests, refused with the words of MLflow's own server (its clients' tests read them).
 * null counts as absent, and an absent string cannot be told from an empty one (protobuf).
 */

const SEE_DOCS = 'See the API docs for more information about request parameters.';

/** MLflow's sentence about a parameter that is absent or of the wrong type. */
export function describeMlflowIssue(issue: {
  readonly input?: unknown;
  path?: readonly PropertyKey[];
}): string {
  const parameter = toParameterPath(issue.path ?? []);
  if (issue.input === undefined || issue.input === null || issue.input === '') {
    return `Missing value for required parameter '${parameter}'. ${SEE_DOCS}`;
  }
  const hint = `Hint: Value was of type '${toPythonType(issue.input)}'.`;
  return `Invalid value ${JSON.stringify(issue.input)} for parameter '${parameter}' supplied: ${hint} ${SEE_DOCS}`;
}

const error = describeMlflowIssue as z.core.$ZodErrorMap;

function optional<T extends z.ZodType>(schema: T) {
  return schema.nullish().transform((value) => value ?? undefined);
}

export const mlflowString = z.string({ error }).min(1, { error });
export const mlflowOptionalString = optional(z.string({ error }));
/** Clients send int64 as numbers or as strings. */
export const mlflowInteger = z.union(
  [
    z.number().int(),
    z
      .string()
      .regex(/^-?\d+$/)
      .transform(Number),
  ],
  { error },
);
export const mlflowOptionalInteger = optional(mlflowInteger);
/** Query strings carry booleans as text. */
export const mlflowOptionalBoolean = optional(
  z.union([z.boolean(), z.enum(['true', 'false']).transform((text) => text === 'true')], { error }),
);
/** A repeated field: a list in a body, one or more parameters of the same name in a query. */
export const mlflowStrings = z
  .union([z.array(z.string()), z.string().transform((text) => [text])], { error })
  .nullish()
  .transform((value) => value ?? []);
export const mlflowTags = z
  .array(
    z.looseObject(
      {
        key: mlflowString,
        value: z
          .string({ error })
          .nullish()
          .transform((v) => v ?? ''),
      },
      { error },
    ),
    { error },
  )
  .nullish()
  .transform((value) => value ?? []);

/** The `/api` path and its `/ajax-api` twin, which the UI calls. */
export function mlflowPaths(path: string, major: 2 | 3 = 2): { path: string; twins: readonly string[] } {
  const rest = `${major}.0/mlflow/${path}`;
  return { path: `/api/${rest}`, twins: [`/ajax-api/${rest}`] };
}

function toParameterPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, part) =>
      typeof part === 'number' ? `${text}[${part}]` : text === '' ? String(part) : `${text}.${String(part)}`,
    '',
  );
}

function toPythonType(value: unknown): string {
  if (Array.isArray(value)) return 'list';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float';
  return { string: 'str', boolean: 'bool', object: 'dict' }[typeof value as string] ?? typeof value;
}
