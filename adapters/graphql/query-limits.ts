import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  type SelectionSetNode,
} from 'graphql';

/** MLflow's own limits: a small query must not ask for a large answer many times over. */
const MAX_DEPTH = 10;
const MAX_SELECTIONS = 1000;
const MAX_ROOT_FIELDS = 10;
const MAX_ALIASES = 10;

interface Counts {
  rootFields: number;
  selections: number;
  /** The most on one level, fragments of that level included. */
  aliases: number;
}

type Fragments = ReadonlyMap<string, FragmentDefinitionNode>;

/** @throws GraphQLError with MLflow's sentence for a document that asks for too much */
export function checkQueryLimits(document: DocumentNode): void {
  const fragments: Fragments = new Map(
    document.definitions
      .filter((definition) => definition.kind === Kind.FRAGMENT_DEFINITION)
      .map((fragment) => [fragment.name.value, fragment]),
  );
  const counts: Counts = { rootFields: 0, selections: 0, aliases: 0 };
  for (const definition of document.definitions) {
    if (definition.kind === Kind.OPERATION_DEFINITION) {
      countLevel(definition.selectionSet, 1, fragments, counts);
    }
  }
  refuseMore(counts.rootFields, MAX_ROOT_FIELDS, 'root fields', 'MLFLOW_SERVER_GRAPHQL_MAX_ROOT_FIELDS');
  refuseMore(counts.aliases, MAX_ALIASES, 'aliases', 'MLFLOW_SERVER_GRAPHQL_MAX_ALIASES');
}

function countLevel(set: SelectionSetNode, depth: number, fragments: Fragments, counts: Counts): void {
  if (depth > MAX_DEPTH) throw new GraphQLError(`Query exceeds maximum depth of ${MAX_DEPTH}`);
  const fields = fieldsOfLevel(set, fragments);
  counts.aliases = Math.max(counts.aliases, fields.filter(({ alias }) => alias !== undefined).length);
  if (depth === 1) counts.rootFields += fields.length;
  for (const { selectionSet } of fields) {
    if (++counts.selections > MAX_SELECTIONS) {
      throw new GraphQLError(`Query exceeds maximum total selections of ${MAX_SELECTIONS}`);
    }
    if (selectionSet !== undefined) countLevel(selectionSet, depth + 1, fragments, counts);
  }
}

/** The fields of one level; fragments belong to the level that names them, each once. */
function fieldsOfLevel(set: SelectionSetNode, fragments: Fragments): FieldNode[] {
  const fields: FieldNode[] = [];
  const pending = [set];
  const seen = new Set<string>();
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    for (const selection of next.selections) {
      if (selection.kind === Kind.FIELD) fields.push(selection);
      else if (selection.kind === Kind.INLINE_FRAGMENT) pending.push(selection.selectionSet);
      else {
        const fragment = fragments.get(selection.name.value);
        if (fragment === undefined || seen.has(fragment.name.value)) continue;
        seen.add(fragment.name.value);
        pending.push(fragment.selectionSet);
      }
    }
  }
  return fields;
}

/** MLflow names the variable of its own server; here the limit is fixed. */
function refuseMore(count: number, limit: number, what: string, variable: string): void {
  if (count <= limit) return;
  throw new GraphQLError(
    `GraphQL queries should have at most ${limit} ${what}, got ${count} ${what}. ` +
      `To increase the limit, set the ${variable} environment variable.`,
  );
}
