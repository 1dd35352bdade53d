import type * as z from 'zod';

/**
 * Reads the variables a function declares in its `environment.ts`; called at module level, so a missing one
 * stops the cold start. This is the one reader of `process.env` behind the API.
 *
 * @throws Error naming each variable that is missing or malformed, never its value.
 */
export function readEnvironment<T extends z.ZodType>(schema: T): z.output<T> {
  const result = schema.safeParse(process.env);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new Error(`The function's environment is wrong: ${problems.join('; ')}`);
}
