import { buildSchema, type ExecutionResult, execute, GraphQLError, parse, validate } from 'graphql';
import { DomainError } from '../../domain/shared/domain-error.ts';
import { MLFLOW_SCHEMA } from './mlflow-schema.ts';
import { checkQueryLimits } from './query-limits.ts';
import { resolveField } from './resolve-field.ts';

export interface GraphqlQuery {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>> | undefined;
  readonly operationName?: string | undefined;
}

/** What MLflow's server answers: errors are sentences, without places. */
export interface GraphqlAnswer {
  readonly data: unknown;
  readonly errors: readonly string[] | null;
}

/**
 * Answers `Type.field`. The source is the message that the field belongs to, in the form of MLflow's REST answers;
 * the input has REST's names, too.
 */
export type FieldResolver = (source: Message, input: Message) => unknown;
export type Message = Readonly<Record<string, unknown>>;
export type FieldResolvers = Readonly<Record<string, FieldResolver>>;

/** The UI's longest query has some 300. */
const MAX_TOKENS = 10_000;

const schema = buildSchema(MLFLOW_SCHEMA);

/**
 * Answers a query of MLflow's UI; what is wrong with it is in the answer, as in MLflow.
 *
 * @param onFailure is told errors that are nobody's mistake; callers read a fixed sentence instead
 */
export async function answerQuery(
  { query, variables, operationName }: GraphqlQuery,
  resolvers: FieldResolvers,
  onFailure: (error: Error) => void,
): Promise<GraphqlAnswer> {
  try {
    const document = parse(query, { maxTokens: MAX_TOKENS });
    checkQueryLimits(document);
    const invalid = validate(schema, document);
    if (invalid.length > 0) return { data: null, errors: invalid.map(({ message }) => message) };
    const result = await execute({
      schema,
      document,
      variableValues: variables ?? null,
      operationName: operationName ?? null,
      fieldResolver: (source, args, _, info) => {
        const resolver = resolvers[`${info.parentType.name}.${info.fieldName}`];
        if (resolver === undefined) return resolveField(source, info);
        return resolver(source as Message, toRestNames((args.input ?? args) as Message));
      },
    });
    return toAnswer(result, onFailure);
  } catch (error) {
    if (error instanceof GraphQLError) return { data: null, errors: [error.message] };
    throw error;
  }
}

function toAnswer({ data, errors }: ExecutionResult, onFailure: (error: Error) => void): GraphqlAnswer {
  const sentences = errors?.map(({ message, originalError }) => {
    if (originalError === undefined || originalError instanceof DomainError) return message;
    onFailure(originalError);
    return 'The platform failed; the request id finds the reason in its logs.';
  });
  return { data: data ?? null, errors: sentences ?? null };
}

function toRestNames(input: Message): Message {
  return Object.fromEntries(
    Object.entries(input).map(([name, value]) => [
      name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      value,
    ]),
  );
}
