import type { CallContext } from '../../shared/call-context.ts';
import { makeEvent, type PlatformEvent } from '../../shared/event.ts';
import type { Permission } from '../../shared/permission.ts';
import type { Change } from '../../shared/store.ts';
import { putTrash } from '../../shared/trash.ts';
import type { KeyValue } from '../validation.ts';
import { changeLoggedModel } from './change-logged-model.ts';
import { toUniqueRecord } from './create-logged-model.ts';
import { LoggedModelConstraintError, LoggedModelTagNotFoundError } from './errors.ts';
import { LoggedModelChanged } from './events.ts';
import { type LoggedModel, MODEL_VERSIONS_TAG, type ModelStatus } from './logged-model.ts';
import type { LoggedModelStore } from './ports.ts';

interface Step {
  readonly what: 'finalized' | 'deleted' | 'described';
  readonly change: (model: LoggedModel) => LoggedModel;
  readonly needed?: Permission;
}

/** One change of a model with its event; MLflow changes deleted models, too. */
async function step(
  models: LoggedModelStore,
  context: CallContext,
  modelId: string,
  { what, change, needed = 'EDIT' }: Step,
): Promise<LoggedModel> {
  const { tenant, nowMs } = context;
  const also = (model: LoggedModel, sequence: number): Change[] => [
    { emit: makeLoggedModelChanged(context, model, what, sequence) },
    ...(what === 'deleted'
      ? [putTrash(context, { tenant, kind: 'logged-model', id: modelId, deletedAt: nowMs })]
      : []),
  ];
  return changeLoggedModel(models, context, { modelId, change, needed, also });
}

/** What the audit is told of a change of a model. */
export function makeLoggedModelChanged(
  context: CallContext,
  { modelId, experimentId }: Pick<LoggedModel, 'modelId' | 'experimentId'>,
  change: Step['what'] | 'purged',
  sequence: number,
): PlatformEvent {
  return makeEvent(LoggedModelChanged, context, {
    resource: `experiments/${experimentId}/models/${modelId}`,
    sequence,
    data: { modelId, experimentId, change },
  });
}

/** Says whether the model's files arrived; any status may follow any other, as in MLflow. */
export async function finalizeLoggedModel(
  models: LoggedModelStore,
  context: CallContext,
  modelId: string,
  status: ModelStatus,
): Promise<LoggedModel> {
  const change = (model: LoggedModel): LoggedModel => ({
    ...model,
    status,
    lastUpdatedTimestamp: context.nowMs,
  });
  return step(models, context, modelId, { what: 'finalized', change });
}

/**
 * Hides the model from search and from reads that do not ask for deleted ones; again is no error. MLflow cannot
 * restore it: after the retention it is removed with its files.
 */
export async function deleteLoggedModel(
  models: LoggedModelStore,
  context: CallContext,
  modelId: string,
): Promise<void> {
  const change = (model: LoggedModel): LoggedModel =>
    model.lifecycleStage === 'deleted'
      ? model
      : { ...model, lifecycleStage: 'deleted', lastUpdatedTimestamp: context.nowMs };
  await step(models, context, modelId, { what: 'deleted', change, needed: 'MANAGE' });
}

/** Sets tags; of a key that is there twice the last value stands. */
export async function setLoggedModelTags(
  models: LoggedModelStore,
  context: CallContext,
  modelId: string,
  tags: readonly KeyValue[],
): Promise<void> {
  const set = Object.fromEntries(tags.map(({ key, value }) => [key, value]));
  const change = (model: LoggedModel) =>
    Object.entries(set).every(([key, value]) => model.tags[key] === value)
      ? model
      : { ...model, tags: { ...model.tags, ...set } };
  await step(models, context, modelId, { what: 'described', change });
}

/** Removes a tag. @throws LoggedModelTagNotFoundError */
export async function deleteLoggedModelTag(
  models: LoggedModelStore,
  context: CallContext,
  modelId: string,
  key: string,
): Promise<void> {
  const change = (model: LoggedModel) => {
    if (!Object.hasOwn(model.tags, key)) throw new LoggedModelTagNotFoundError(modelId, key);
    const { [key]: _, ...tags } = model.tags;
    return { ...model, tags };
  };
  await step(models, context, modelId, { what: 'described', change });
}

/**
 * Adds params. MLflow's database refuses a key that is there already; one with the same value passes here, so
 * that a client's retry does.
 */
export async function logLoggedModelParams(
  models: LoggedModelStore,
  context: CallContext,
  modelId: string,
  params: readonly KeyValue[],
): Promise<void> {
  const given = Object.entries(toUniqueRecord(params, 'param'));
  const change = (model: LoggedModel) => {
    const isKnown = ([key]: readonly [string, string]) => Object.hasOwn(model.params, key);
    const changed = given.filter((pair) => isKnown(pair) && model.params[pair[0]] !== pair[1]);
    if (changed.length > 0) throw paramChange(model, changed);
    const added = given.filter((pair) => !isKnown(pair));
    return added.length === 0
      ? model
      : { ...model, params: { ...model.params, ...Object.fromEntries(added) } };
  };
  await step(models, context, modelId, { what: 'described', change });
}

function paramChange({ modelId, params }: LoggedModel, changed: readonly (readonly [string, string])[]) {
  const list = changed.map(([key, value]) => `'${key}' from '${params[key]}' to '${value}'`).join(', ');
  return new LoggedModelConstraintError(
    `Changing param values is not allowed. The model '${modelId}' has them already: ${list}.`,
  );
}

/** Writes the registered version on the model it was made from, as MLflow's server does; again changes nothing. */
export async function linkModelVersion(
  models: LoggedModelStore,
  context: CallContext,
  modelId: string,
  { name, version }: { readonly name: string; readonly version: number },
): Promise<void> {
  const change = (model: LoggedModel) => {
    const known = parseVersions(model.tags[MODEL_VERSIONS_TAG]);
    if (known.some((one) => one.name === name && String(one.version) === String(version))) return model;
    // As Python's json.dumps writes it, with which MLflow's own server does.
    const entries = [...known, { name, version }].map(
      (one) => `{"name": ${JSON.stringify(one.name)}, "version": ${JSON.stringify(one.version)}}`,
    );
    return { ...model, tags: { ...model.tags, [MODEL_VERSIONS_TAG]: `[${entries.join(', ')}]` } };
  };
  await step(models, context, modelId, { what: 'described', change });
}

interface NamedVersion {
  readonly name: string;
  readonly version: number | string;
}

/** The tag is the user's to overwrite; what is not a list of versions counts as none. */
function parseVersions(tag: string | undefined): NamedVersion[] {
  try {
    const versions: unknown = JSON.parse(tag ?? '[]');
    return Array.isArray(versions) ? versions.filter((one) => typeof one?.name === 'string') : [];
  } catch {
    return [];
  }
}
