import * as z from 'zod';
import { missingParameter, mistypedParameter, toParameterPath } from './mlflow-words.ts';

/**
 * Shapes of MLflow's requests: they read JSON as protobuf's parser does. `adapters/lambda/request.ts` refuses in
 * MLflow's words, and tells the first wrong field, so a route names its fields in the order of MLflow's handler.
 */

/** MLflow's sentence about a parameter that is absent or of the wrong type, as zod asks for it. */
export function describeMlflowIssue(issue: {
  readonly code?: string | undefined;
  readonly input?: unknown;
  path?: readonly PropertyKey[];
}): string {
  const parameter = toParameterPath(issue.path ?? []);
  const isMissing = issue.input === undefined || issue.input === null || issue.code === 'too_small';
  return isMissing ? missingParameter(parameter) : mistypedParameter(parameter, issue.input);
}

function optional<T extends z.ZodType>(schema: T) {
  return schema.nullish().transform((value) => value ?? undefined);
}

function orElse<T extends z.ZodType, const D>(schema: T, value: D) {
  return schema.nullish().transform((given) => given ?? value);
}

/** A required text; an empty one is a missing one. */
export const mlflowString = z.string().min(1);
export const mlflowOptionalString = optional(z.string());
/** A text that may be absent, which is the same as empty. */
export const mlflowText = orElse(z.string(), '');

function integerUpTo(max: number) {
  return z.union([
    z.int().max(max),
    z
      .string()
      .regex(/^[-+]?\d+$/)
      .refine((text) => Number(text) <= max)
      .transform(Number),
  ]);
}

/** Clients send int64 as numbers or as strings. */
export const mlflowInteger = integerUpTo(Number.MAX_SAFE_INTEGER);
export const mlflowOptionalInteger = optional(mlflowInteger);

/** The size of a page; MLflow refuses a larger one as a value of the wrong type. */
export function mlflowLimit(max: number) {
  return optional(integerUpTo(max));
}

/** A double, or one of the texts that stand for what JSON has no number for. */
export const mlflowDouble = z.union(
  [
    z.number(),
    z
      .string()
      .regex(/^(NaN|[-+]?(Infinity|(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?))$/)
      .transform(Number),
  ],
  {
    // MLflow asks whether a value is there before it asks for its type, unlike for integers.
    error: ({ input, path }) => (input === '' ? missingParameter(toParameterPath(path ?? [])) : undefined),
  },
);

export const mlflowOptionalBoolean = optional(z.boolean());

const strings = z.union([z.array(z.string()), z.string().transform((text) => [text])]);
/** A repeated field that must be there. */
export const mlflowRequiredStrings = strings;
/** A repeated field: a list in a body, one or more parameters of the same name in a query. */
export const mlflowStrings = orElse(strings, [] as string[]);

/** A repeated field of a body, where a single value is not a list. */
export const mlflowStringList = orElse(
  // The list as a whole is what MLflow calls wrong, not the entry.
  z
    .custom<string[]>((value) => Array.isArray(value) && value.every((each) => typeof each === 'string'))
    .meta({ type: 'array', items: { type: 'string' } }),
  [] as string[],
);

/** A list of messages; an entry that is no object is the list's mistake. */
export function mlflowList<T extends z.ZodRawShape>(shape: T) {
  return orElse(z.array(z.object(shape)), [] as z.output<z.ZodObject<T>>[]);
}

/** Tags whose keys MLflow judges later, as names. */
export const mlflowTags = mlflowList({ key: mlflowText, value: mlflowText });

/** An enum by name or number; a value that it does not have counts as absent, as for protobuf. */
export function mlflowEnum<const N extends string>(numbers: Readonly<Record<N, number>>) {
  const names = Object.keys(numbers) as N[];
  return z
    .union([z.enum(names), z.int(), z.string()])
    .nullish()
    .transform((value) => names.find((name) => name === value || String(numbers[name]) === String(value)));
}

/** The `/api` path and its `/ajax-api` twin, which the UI calls. */
export function mlflowPaths(path: string, major: 2 | 3 = 2): { path: string; twins: readonly string[] } {
  const rest = `${major}.0/mlflow/${path}`;
  return { path: `/api/${rest}`, twins: [`/ajax-api/${rest}`] };
}
