import type { CallContext } from '../../shared/call-context.ts';
import { InvalidParameterError } from '../errors.ts';
import type { RunStore } from '../ports.ts';
import { LIMITS, truncate } from '../validation.ts';
import { changeRun } from './change-run.ts';
import type { Run } from './run.ts';

const HISTORY_TAG = 'mlflow.log-model.history';
const MANDATORY = ['artifact_path', 'flavors', 'utc_time_created', 'run_id'] as const;
/** What the tag keeps of a model. */
const KEPT = ['run_id', 'utc_time_created', 'artifact_path', 'model_uuid'] as const;

type Model = Readonly<Record<string, unknown>>;

/**
 * Keeps that a run logged a model, in the tag where MLflow 2's clients and UI look for it.
 *
 * @throws InvalidParameterError for what is no model
 */
export async function recordLoggedModel(
  runs: RunStore,
  context: CallContext,
  runId: string,
  modelJson: string,
): Promise<void> {
  const entry = toEntry(parseModel(modelJson));
  await changeRun(runs, context, runId, (run) => {
    const known = readHistory(run);
    // A retry of the call finds its model already there.
    if (known.some((each) => JSON.stringify(each) === JSON.stringify(entry))) return run;
    const value = truncate(JSON.stringify([...known, entry]), LIMITS.runTagValueLength);
    return { ...run, tags: { ...run.tags, [HISTORY_TAG]: value } };
  });
}

function parseModel(text: string): Model {
  const model = parseObject(text);
  if (model === undefined) {
    throw new InvalidParameterError(`Malformed model info. \n ${text} \n is not a valid JSON.`);
  }
  const missing = MANDATORY.filter((field) => !Object.hasOwn(model, field));
  if (missing.length === 0) return model;
  const fields = missing.map((field) => `'${field}'`).join(', ');
  throw new InvalidParameterError(`Model json is missing mandatory fields: {${fields}}`);
}

function parseObject(text: string): Model | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Model) : undefined;
  } catch {
    return undefined;
  }
}

/** Flavors are kept without their `config`, which may be long. */
function toEntry(model: Model): Model {
  const kept = Object.fromEntries(KEPT.flatMap((field) => (field in model ? [[field, model[field]]] : [])));
  const flavors = Object.entries(model.flavors as Record<string, unknown>).map(([name, flavor]) => {
    if (typeof flavor !== 'object' || flavor === null) return [name, flavor];
    const { config: _, ...rest } = flavor as Record<string, unknown>;
    return [name, rest];
  });
  return { ...kept, flavors: Object.fromEntries(flavors) };
}

/** A tag that was cut, or written by hand, counts as empty. */
function readHistory(run: Run): readonly unknown[] {
  try {
    const history: unknown = JSON.parse(run.tags[HISTORY_TAG] ?? '[]');
    return Array.isArray(history) ? history : [];
  } catch {
    return [];
  }
}
