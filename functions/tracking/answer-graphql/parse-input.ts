import type * as z from 'zod';
import type { Message } from '../../../adapters/graphql/answer-query.ts';
import { InvalidInputError } from '../../../domain/shared/domain-error.ts';
import { describeMlflowIssue } from '../../../domain/shared/mlflow-shapes.ts';

/** A query's input by the schema of the REST call that it stands for. @throws InvalidInputError in MLflow's words */
export function parseInput<S extends z.ZodType>(schema: S, input: Message): z.output<S> {
  const given = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== null));
  // MLflow's old name of the id.
  given.run_id ??= given.run_uuid;
  const result = schema.safeParse(given, { error: describeMlflowIssue as z.core.$ZodErrorMap });
  if (result.success) return result.data;
  throw new InvalidInputError(result.error.issues[0]?.message ?? 'The input is not valid.');
}
