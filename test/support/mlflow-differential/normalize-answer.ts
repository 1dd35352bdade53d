import { type Answer, type Call, type Json, replaceTexts, type Target } from './call.ts';

/** Clocks of two servers differ; whether something changed since it was made does not. */
const CREATED = ['creation_time', 'creation_timestamp'];
const CHANGED = ['last_update_time', 'last_updated_timestamp'];

/**
 * Where the platform differs on purpose: it knows who made a version and says why one cannot be served, and has
 * tenants instead of workspaces.
 */
const OURS = ['user_id', 'status_message', 'workspace'];

/** Fields of the error body that only newer clients know, and say nothing new. */
const ERROR_EXTRAS = ['error_class', 'sqlstate'];

/** Lists that MLflow answers in the order of a table's rows. */
const ROWS = ['latest_versions'];

/** An answer with ids as placeholders, times as marks and lists without an order in one, to be compared. */
export function normalizeAnswer(
  { status, body: given }: Answer,
  target: Target,
  { path }: Pick<Call, 'path'>,
): Json {
  const names = new Map([...target.ids].map(([name, id]) => [id, name]));
  const isOfStages = path === 'registered-models/get-latest-versions' && given.model_versions !== undefined;
  const body = isOfStages ? { latest_versions: given.model_versions } : given;
  const named = replaceTexts(body, (text, key) => nameIds(text, key, names));
  return { status, ...(normalize(named) as Json) };
}

function nameIds(text: string, key: string | undefined, names: ReadonlyMap<string, string>): string {
  const nameOf = (id: string) => names.get(id) ?? id;
  if (key === 'next_page_token') return '<token>';
  if (key === 'experiment_id') return nameOf(text);
  const withoutRuns = text.replace(/[0-9a-f]{32}/g, nameOf);
  if (key === 'artifact_location' || key === 'artifact_uri') {
    return withoutRuns.replace(/^(mlflow-artifacts:\/)(\d+)/, (_, scheme, id) => scheme + nameOf(id));
  }
  if (key !== 'message') return withoutRuns;
  return (
    withoutRuns
      .replace(/(id=|experiment )(\d+)\b/g, (_, start, id) => start + nameOf(id))
      // What the database says is MLflow's own, and a set of Python's is printed in any order.
      .replace(/ Error: .*$/s, '')
      .replace(/(Valid keys are|Valid values are) .*$/s, '$1')
  );
}

function normalize(value: unknown): unknown {
  if (Array.isArray(value)) return sortUnordered(value.map(normalize));
  if (typeof value !== 'object' || value === null) return value;
  const object = value as Record<string, unknown>;
  const created = CREATED.map((key) => object[key]).find((time) => time !== undefined);
  const entries = Object.entries(object).flatMap(([key, each]): [string, unknown][] => {
    if (OURS.includes(key) || ERROR_EXTRAS.includes(key)) return [];
    // MLflow's database tells a description that was never given from an empty one.
    if (key === 'description' && each === '') return [];
    if (CREATED.includes(key)) return [[key, '<created>']];
    if (CHANGED.includes(key)) return [[key, each === created ? '<created>' : '<changed>']];
    return [[key, ROWS.includes(key) ? sortAsText(normalize(each) as unknown[]) : normalize(each)]];
  });
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Tags, params, latest metrics and aliases come in the order of a table's rows; all other lists are ordered. */
function sortUnordered(list: unknown[]): unknown[] {
  const keys = list.map((each) => (each as Json | null)?.key ?? (each as Json | null)?.alias);
  const isSet = keys.every((key) => typeof key === 'string') && new Set(keys).size === keys.length;
  return isSet ? sortAsText(list) : list;
}

function sortAsText(list: readonly unknown[]): unknown[] {
  return [...list].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}
