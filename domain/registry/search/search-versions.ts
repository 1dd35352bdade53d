import type { CallContext } from '../../shared/call-context.ts';
import type { Sortable } from '../../shared/mlflow/order-values.ts';
import { formatOffsetToken, parseOffsetToken } from '../../shared/mlflow/page-token.ts';
import type { Store } from '../../shared/store.ts';
import { getModelsById, getModelsByName, listNamesById } from '../list-models.ts';
import type { MlflowModelVersion } from '../mlflow-routes.ts';

import { changedAt, toMlflowVersion } from '../mlflow-views.ts';
import { mayRead } from '../model-permissions.ts';
import { type VersionRecord, versionKey } from '../model-records.ts';
import { listVersionEntries, type VersionEntry } from '../version-entries.ts';
import { isPrompt, splitPromptClauses } from './prompts.ts';
import { compileRegistryFilter, parseVersionFilter, type RegistryClause } from './registry-filter.ts';
import { parseVersionOrder } from './registry-order.ts';
import { findNames } from './search-models.ts';
import { readMaxResults, type SearchInput, sortByFields } from './search-page.ts';

const DEFAULT_RESULTS = 10_000;
const MAX_RESULTS = 200_000;
/** A page holds no more, whatever was asked: an answer of Lambda takes 6 MB, and clients follow the token. */
const RESULTS_PER_CALL = 1000;

interface Candidate {
  readonly name: string;
  readonly renamedAt?: string | undefined;
  readonly entry: VersionEntry;
}

/**
 * MLflow's model-versions/search, consistently read. Filters and orders are decided on the entries of the
 * versions, about 2,000 a query: of one model when the filter names it, of all models otherwise, whose names
 * are a query for each 5,000. The versions of the page itself are a call for each hundred, and so are their
 * models. So a page of 100 out of 10,000 versions takes eight calls, by name five.
 */
export async function searchModelVersions(
  store: Store,
  context: CallContext,
  input: SearchInput,
): Promise<{ readonly model_versions: readonly MlflowModelVersion[]; readonly next_page_token?: string }> {
  const limit = Math.min(readMaxResults(input.max_results, DEFAULT_RESULTS, MAX_RESULTS), RESULTS_PER_CALL);
  const { clauses, showsPrompts } = splitPromptClauses(parseVersionFilter(input.filter));
  const orders = parseVersionOrder(input.order_by);
  const offset = parseOffsetToken(input.page_token);
  const passes = compileRegistryFilter(clauses);
  const all = await listCandidates(store, context, clauses);
  const hidden = showsPrompts ? new Set() : findPrompts(all);
  const found = all.filter(
    ({ name, entry }) =>
      !hidden.has(name) && passes({ attributes: toAttributes(name, entry), tags: entry.tags }),
  );
  const end = offset + limit;
  const page = sortByFields(found, orders, readField).slice(offset, end);
  const next = found.length > end ? { next_page_token: formatOffsetToken(end) } : {};
  return { model_versions: await readVersions(store, context.tenant, page), ...next };
}

/** Versions of the models that the caller may read. */
async function listCandidates(
  store: Store,
  context: CallContext,
  clauses: readonly RegistryClause[],
): Promise<readonly Candidate[]> {
  const { tenant } = context;
  const named = findNames(clauses);
  if (named === undefined) {
    const [names, entries] = await Promise.all([
      listNamesById(store, tenant),
      listVersionEntries(store, tenant),
    ]);
    return entries.flatMap((entry) => {
      const model = names.get(entry.modelId);
      return model === undefined || !mayRead(context, model)
        ? []
        : [{ name: model.name, renamedAt: model.renamedAt, entry }];
    });
  }
  const found = await getModelsByName(store, tenant, named);
  const models = found.filter(({ value }) => mayRead(context, value));
  const lists = await Promise.all(
    models.map(async ({ value: { id, name, renamedAt } }) =>
      (await listVersionEntries(store, tenant, id)).map((entry) => ({ name, renamedAt, entry })),
    ),
  );
  return lists.flat();
}

/** A version with the tag makes prompts of all versions of its name, as in MLflow. */
function findPrompts(candidates: readonly Candidate[]): ReadonlySet<unknown> {
  return new Set(candidates.filter(({ entry }) => isPrompt(entry)).map(({ name }) => name));
}

function toAttributes(name: string, entry: VersionEntry) {
  return { name, version_number: entry.number, run_id: entry.runId ?? '', source_path: entry.source };
}

function readField({ name, renamedAt, entry }: Candidate, key: string): Sortable {
  if (key === 'name') return name;
  if (key === 'version_number') return entry.number;
  return Date.parse(key === 'creation_timestamp' ? entry.createdAt : changedAt(entry, { renamedAt }));
}

/** The records of a page; what was deleted since its entry was read is left out. */
async function readVersions(
  store: Store,
  tenant: string,
  page: readonly Candidate[],
): Promise<MlflowModelVersion[]> {
  const [versions, models] = await Promise.all([
    store.getMany<VersionRecord>(page.map(({ entry }) => versionKey(tenant, entry.modelId, entry.number))),
    getModelsById(store, tenant, [...new Set(page.map(({ entry }) => entry.modelId))]),
  ]);
  const byId = new Map(models.map(({ value }) => [value.id, value]));
  return versions.flatMap(({ value }) => {
    const model = byId.get(value.modelId);
    return model === undefined ? [] : [toMlflowVersion(model, value, { withAliases: false })];
  });
}
