import type { CallContext } from '../../shared/call-context.ts';
import { decodePageToken, formatOffsetToken, parseOffsetToken } from '../../shared/mlflow/page-token.ts';
import type { Store } from '../../shared/store.ts';
import { eachNamePage, getModelsById, getModelsByName } from '../list-models.ts';
import type { MlflowRegisteredModel } from '../mlflow-routes.ts';
import { toMlflowModels } from '../mlflow-views.ts';
import { mayRead } from '../model-permissions.ts';
import type { ModelItem, NameEntry } from '../model-records.ts';
import { isPrompt, splitPromptClauses } from './prompts.ts';
import { compileRegistryFilter, parseModelFilter, type RegistryClause } from './registry-filter.ts';
import { parseModelOrder, type RegistryOrder } from './registry-order.ts';
import { readMaxResults, type SearchInput, sortByFields } from './search-page.ts';

const DEFAULT_RESULTS = 100;
const MAX_RESULTS = 1000;
/** A search that finds little goes on in the next page after so many models: short pages are MLflow's, too. */
const MODELS_PER_CALL = 5000;
/** One call reads so many models. */
const BATCH = 100;

interface Search {
  readonly store: Store;
  readonly tenant: string;
  readonly clauses: readonly RegistryClause[];
  readonly matches: (model: ModelItem) => boolean;
  readonly limit: number;
  readonly token: string | undefined;
}

interface Found {
  readonly models: readonly ModelItem[];
  readonly next?: string | undefined;
}

/**
 * MLflow's registered-models/search, consistently read. By name, which is the default, a page of 100 costs a
 * query of names, a call for the models, and one to four for their newest versions, however many models there
 * are; a filter on tags adds a call for each hundred models that it looks at. One name or a list of names costs
 * three calls. An order by time reads all models: a call for each hundred, ten at a time.
 */
export async function searchRegisteredModels(
  store: Store,
  context: CallContext,
  input: SearchInput,
): Promise<{
  readonly registered_models: readonly MlflowRegisteredModel[];
  readonly next_page_token?: string;
}> {
  const limit = readMaxResults(input.max_results, DEFAULT_RESULTS, MAX_RESULTS);
  const { clauses, showsPrompts } = splitPromptClauses(parseModelFilter(input.filter));
  const orders = parseModelOrder(input.order_by);
  const passes = compileRegistryFilter(clauses);
  const matches = ({ value }: ModelItem) =>
    (showsPrompts || !isPrompt(value)) &&
    mayRead(context, value) &&
    passes({ attributes: { name: value.name }, tags: value.tags });
  const search = { store, tenant: context.tenant, clauses, matches, limit, token: input.page_token };
  const named = findNames(clauses);
  const walks = named === undefined && orders[0]?.key === 'name';
  const { models, next } = walks
    ? await walkByName(search, orders[0]?.descending === true)
    : await sortAll(search, orders, named);
  const registered_models = await toMlflowModels(store, context.tenant, models);
  return { registered_models, ...(next === undefined ? {} : { next_page_token: next }) };
}

/** The names that the filter asks for, when it says them. */
export function findNames(clauses: readonly RegistryClause[]): readonly string[] | undefined {
  const clause = clauses.find(
    ({ type, key, comparator }) =>
      type === 'attribute' && key === 'name' && (comparator === '=' || comparator === 'IN'),
  );
  if (clause === undefined) return undefined;
  return typeof clause.value === 'object' ? clause.value : [String(clause.value)];
}

/** Follows the names in their order until the page is full; the token tells the last one looked at. */
async function walkByName(search: Search, descending: boolean): Promise<Found> {
  const { store, tenant, limit, matches } = search;
  const { after, skip } = readPosition(search.token);
  const isWanted = compileRegistryFilter(search.clauses.filter(({ type }) => type === 'attribute'));
  const models: ModelItem[] = [];
  let [left, walked, last] = [skip, 0, after];
  const range = { descending, after, pageSize: Math.max(limit + 1, BATCH) };
  for await (const page of eachNamePage(store, tenant, range)) {
    const names = page.filter(({ name }) => isWanted({ attributes: { name }, tags: {} }));
    for (const batch of inBatches(names)) {
      for (const model of await getModelsById(
        store,
        tenant,
        batch.map(({ modelId }) => modelId),
      )) {
        if (!matches(model) || left-- > 0) continue;
        if (models.length === limit)
          return { models, next: formatPosition(skip + limit, models.at(-1)?.value.name) };
        models.push(model);
      }
    }
    walked += page.length;
    last = page.at(-1)?.name ?? last;
    if (walked >= MODELS_PER_CALL && left <= 0)
      return { models, next: formatPosition(skip + models.length, last) };
  }
  return { models };
}

function* inBatches(names: readonly NameEntry[]): Generator<readonly NameEntry[]> {
  for (let at = 0; at < names.length; at += BATCH) yield names.slice(at, at + BATCH);
}

/** MLflow's token holds an offset; ours also the name that the page before ended with. */
function readPosition(token: string | undefined): {
  readonly after?: string | undefined;
  readonly skip: number;
} {
  const offset = parseOffsetToken(token);
  const held = token ? (decodePageToken(token) as { readonly after?: unknown }) : {};
  return typeof held.after === 'string' ? { after: held.after, skip: 0 } : { skip: offset };
}

function formatPosition(offset: number, after: string | undefined): string {
  return Buffer.from(JSON.stringify({ offset, after })).toString('base64');
}

async function sortAll(
  { store, tenant, matches, limit, token }: Search,
  orders: readonly RegistryOrder[],
  named: readonly string[] | undefined,
): Promise<Found> {
  const offset = parseOffsetToken(token);
  const all = await (named === undefined ? readAll(store, tenant) : getModelsByName(store, tenant, named));
  const sorted = sortByFields(all.filter(matches), orders, ({ value }, key) =>
    key === 'name' ? value.name : Date.parse(value.contentUpdatedAt),
  );
  const end = offset + limit;
  const next = sorted.length > end ? formatOffsetToken(end) : undefined;
  return { models: sorted.slice(offset, end), next };
}

async function readAll(store: Store, tenant: string): Promise<readonly ModelItem[]> {
  const ids: string[] = [];
  for await (const page of eachNamePage(store, tenant)) ids.push(...page.map(({ modelId }) => modelId));
  return getModelsById(store, tenant, ids);
}
