import type { CallContext } from '../shared/call-context.ts';
import type { Clause } from '../shared/mlflow-filter.ts';
import type { Store } from '../shared/store.ts';
import {
  type Candidate,
  matches,
  NUMBER,
  readClauses,
  type SearchInput,
  type SearchRules,
  search,
  TEXT,
  TEXT_OR_LIST,
} from './mlflow-matching.ts';
import type { MlflowModelVersion, MlflowRegisteredModel } from './mlflow-routes.ts';
import { toMlflowModel, toMlflowVersion } from './mlflow-views.ts';
import { eachVersion, findModel, listModelNames, type ModelItem, type ModelRecord } from './model-records.ts';

/** Models are read so many at a time. */
const PARALLEL_READS = 25;

const MODEL_RULES: SearchRules = {
  attributes: { name: TEXT_OR_LIST },
  orderKeys: {
    name: 'name',
    last_updated_timestamp: 'last_updated_timestamp',
    timestamp: 'last_updated_timestamp',
  },
  ties: ['name ASC'],
  defaultOrder: ['name ASC'],
  defaultResults: 100,
  maxResults: 1000,
};

const VERSION_RULES: SearchRules = {
  attributes: { name: TEXT_OR_LIST, run_id: TEXT_OR_LIST, source_path: TEXT, version_number: NUMBER },
  orderKeys: {
    name: 'name',
    version_number: 'version_number',
    creation_timestamp: 'creation_timestamp',
    last_updated_timestamp: 'last_updated_timestamp',
  },
  ties: ['name ASC', 'version_number DESC'],
  defaultOrder: ['last_updated_timestamp DESC'],
  defaultResults: 10_000,
  maxResults: 200_000,
};

/** MLflow's registered-models/search; reads are consistent, so a model is found at once. */
export async function searchRegisteredModels(
  store: Store,
  context: CallContext,
  input: SearchInput,
): Promise<{
  readonly registered_models: readonly MlflowRegisteredModel[];
  readonly next_page_token?: string;
}> {
  const clauses = readClauses(input.filter, MODEL_RULES);
  const models = await loadModels(store, context.tenant, clauses);
  const candidates = models.map((item): Candidate<ModelItem> => {
    const { name, tags, contentUpdatedAt } = item.value;
    return { fields: { name, last_updated_timestamp: Date.parse(contentUpdatedAt) }, tags, subject: item };
  });
  const page = search(candidates, clauses, input, MODEL_RULES);
  const registered_models = await inBatches(page.subjects, (item) =>
    toMlflowModel(store, context.tenant, item),
  );
  return { registered_models, ...page.next };
}

/** MLflow's model-versions/search. */
export async function searchModelVersions(
  store: Store,
  context: CallContext,
  input: SearchInput,
): Promise<{ readonly model_versions: readonly MlflowModelVersion[]; readonly next_page_token?: string }> {
  const clauses = readClauses(input.filter, VERSION_RULES);
  const models = await loadModels(store, context.tenant, clauses);
  const lists = await inBatches(models, ({ value }) => listCandidates(store, context.tenant, value));
  const page = search(lists.flat(), clauses, input, VERSION_RULES);
  return { model_versions: page.subjects, ...page.next };
}

async function listCandidates(
  store: Store,
  tenant: string,
  model: ModelRecord,
): Promise<Candidate<MlflowModelVersion>[]> {
  const found: Candidate<MlflowModelVersion>[] = [];
  for await (const { value } of eachVersion(store, tenant, model.id)) {
    const subject = toMlflowVersion(model, value);
    const { name, run_id, source, creation_timestamp, last_updated_timestamp } = subject;
    const times = { creation_timestamp, last_updated_timestamp };
    const fields = { name, run_id, source_path: source, version_number: value.number, ...times };
    found.push({ fields, tags: value.tags, subject });
  }
  return found;
}

/** The models whose names pass the filter's clauses about names. */
async function loadModels(store: Store, tenant: string, clauses: readonly Clause[]): Promise<ModelItem[]> {
  const byName = clauses.filter(({ entity, key }) => entity === 'attribute' && key === 'name');
  const exact = byName.find(({ comparator }) => comparator === '=')?.value;
  const names =
    exact === undefined ? (await listModelNames(store, tenant)).map(({ name }) => name) : [String(exact)];
  const wanted = names.filter((name) => byName.every((clause) => matches(name, clause)));
  const models = await inBatches(wanted, (name) => findModel(store, tenant, name));
  return models.filter((model) => model !== undefined);
}

async function inBatches<T, R>(items: readonly T[], run: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let start = 0; start < items.length; start += PARALLEL_READS) {
    results.push(...(await Promise.all(items.slice(start, start + PARALLEL_READS).map(run))));
  }
  return results;
}
