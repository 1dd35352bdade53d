import { type CallContext, isoTime } from '../shared/call-context.ts';
import { AlreadyExistsError, InvalidInputError } from '../shared/domain-error.ts';
import { makeEvent } from '../shared/event.ts';
import { mayUse } from '../shared/permission.ts';
import type { Change, Item, Page, PageRequest, Store } from '../shared/store.ts';
import { putTrash, trashOf } from '../shared/trash.ts';
import {
  checkIfMatch,
  committed,
  placeModel,
  putModel,
  retryWhenConcurrent,
  withoutAbsent,
} from './commit-changes.ts';
import { InUseError, ModelNotFoundError } from './errors.ts';
import { ModelCreated, ModelDeleted, ModelUpdated } from './events.ts';
import { isPrompt } from './mlflow-words.ts';
import {
  eachVersion,
  getModelItem,
  MODEL_LIST,
  type ModelItem,
  type ModelRecord,
  modelKey,
  modelPrefix,
  type NameEntry,
  nameKey,
  type VersionItem,
} from './model-records.ts';
import { type ModelInput, type ModelPatch, type ModelView, RESERVED_MODEL_NAMES } from './shapes.ts';
import { modelTagEvent, replacedTagEvents } from './tag-events.ts';
import { removeVersion } from './version-entries.ts';
import { toModelView } from './views.ts';

/** A commit takes 90 changes, and a version goes with its entry. */
const PARTS_PER_COMMIT = 45;

/** @throws AlreadyExistsError when the tenant has a model of this name */
export async function createModel(store: Store, context: CallContext, input: ModelInput): Promise<ModelItem> {
  if (RESERVED_MODEL_NAMES.includes(input.name.toLowerCase())) {
    throw new InvalidInputError(`'${input.name}' is a reserved name.`, [
      { path: 'name', message: 'is a reserved name' },
    ]);
  }
  const now = isoTime(context);
  const value: ModelRecord = {
    ...input,
    id: context.newId('mdl'),
    aliases: {},
    labels: {},
    latest: {},
    lastVersion: 0,
    createdAt: now,
    createdBy: context.actor,
    updatedAt: now,
    contentUpdatedAt: now,
  };
  const put = {
    put: modelKey(context.tenant, value.id),
    value,
    expect: 'absent',
    placement: placeModel(value),
  } as const;
  const event = makeEvent(ModelCreated, context, {
    resource: `models/${input.name}`,
    sequence: 1,
    data: { model: input.name, prompt: isPrompt(input.tags) },
    after: input,
  });
  try {
    await store.commit([reserveName(context.tenant, input.name, value.id), put, { emit: event }]);
  } catch (error) {
    throw error instanceof AlreadyExistsError
      ? new AlreadyExistsError('model', input.name, { cause: error })
      : error;
  }
  return committed<ModelRecord>(put);
}

/** The model of this name, made now if there is none. */
export async function ensureModel(store: Store, context: CallContext, input: ModelInput): Promise<ModelItem> {
  try {
    return await createModel(store, context, input);
  } catch (error) {
    if (!(error instanceof AlreadyExistsError)) throw error;
    return getModelItem(store, context.tenant, input.name);
  }
}

export async function listModels(
  store: Store,
  context: CallContext,
  page: PageRequest,
): Promise<Page<ModelView>> {
  const found = await store.list<ModelRecord>(context.tenant, MODEL_LIST, page);
  const readable = found.items.filter(({ value: { name, grants } }) =>
    mayUse(context.principal, { resource: name, grants }, 'READ'),
  );
  return { items: readable.map(toModelView), nextCursor: found.nextCursor };
}

/** @throws ModelNotFoundError, PreconditionFailedError */
export async function updateModel(
  store: Store,
  context: CallContext,
  name: string,
  patch: ModelPatch,
  ifMatch?: number,
): Promise<ModelItem> {
  return retryWhenConcurrent(async () => {
    const item = await getModelItem(store, context.tenant, name);
    checkIfMatch(ifMatch, item.revision);
    const changes = { ...withoutAbsent(patch), contentUpdatedAt: isoTime(context) };
    const { tags } = item.value;
    const events = replacedTagEvents(tags, patch.tags ?? tags, (key, value) =>
      modelTagEvent(context, item, key, value),
    );
    return commitModel(store, context, item, changes, events);
  });
}

/** Commits changed fields of a model with its event. */
export async function commitModel(
  store: Store,
  context: CallContext,
  item: ModelItem,
  changes: Partial<ModelRecord>,
  more: readonly Change[] = [],
): Promise<ModelItem> {
  const put = putModel(item, { ...changes, updatedAt: isoTime(context) });
  const before = pick(item.value, Object.keys(changes));
  const event = makeEvent(ModelUpdated, context, {
    resource: `models/${put.value.name}`,
    sequence: item.revision + 1,
    data: { model: put.value.name },
    before,
    after: changes,
  });
  await store.commit([put, ...more, { emit: event }]);
  return committed(put);
}

/**
 * Gives the model another name; versions, aliases and files stay where they are.
 *
 * @throws ModelNotFoundError, AlreadyExistsError
 */
export async function renameModel(
  store: Store,
  context: CallContext,
  name: string,
  newName: string,
): Promise<ModelItem> {
  const item = await getModelItem(store, context.tenant, name);
  const entry = await store.get(nameKey(context.tenant, name));
  if (entry === undefined) throw new ModelNotFoundError(name);
  const renamedAt = isoTime(context);
  const changes = { name: newName, contentUpdatedAt: renamedAt, renamedAt };
  const reserved = reserveName(context.tenant, newName, item.value.id, {
    grants: item.value.grants,
    renamedAt,
  });
  // To its own name, too: MLflow then says of the model and of its versions that they changed.
  const moved: Change[] =
    newName === name
      ? [{ ...reserved, expect: entry.revision }]
      : [{ remove: entry.key, expect: entry.revision }, reserved];
  try {
    return await commitModel(store, context, item, changes, moved);
  } catch (error) {
    throw error instanceof AlreadyExistsError
      ? new AlreadyExistsError('model', newName, { cause: error })
      : error;
  }
}

/**
 * Deletes a model with its versions, whose files are removed for good after the retention.
 *
 * @throws ModelNotFoundError, PreconditionFailedError, InUseError while a version is in production
 */
export async function deleteModel(
  store: Store,
  context: CallContext,
  name: string,
  { ifMatch, evenInProduction = false }: { ifMatch?: number | undefined; evenInProduction?: boolean } = {},
): Promise<void> {
  const item = await getModelItem(store, context.tenant, name);
  checkIfMatch(ifMatch, item.revision);
  if (!evenInProduction) await refuseInProduction(store, context, item.value);
  const event = makeEvent(ModelDeleted, context, {
    resource: `models/${name}`,
    sequence: item.revision + 1,
    data: { model: name },
    before: { name, lastVersion: item.value.lastVersion },
  });
  const entry = await store.get(nameKey(context.tenant, name));
  if (entry === undefined) throw new ModelNotFoundError(name);
  await store.commit([
    { remove: entry.key, expect: entry.revision },
    { remove: item.key, expect: item.revision },
    putTrash(context, trashOf(context, modelPrefix(context.tenant, item.value.id))),
    { emit: event },
  ]);
  await removeParts(store, context.tenant, item.value.id);
}

async function refuseInProduction(store: Store, context: CallContext, model: ModelRecord): Promise<void> {
  for await (const { value } of eachVersion(store, context.tenant, model.id)) {
    if (value.stage !== 'production') continue;
    throw new InUseError(
      `Version ${value.number} of '${model.name}' is in production; archive it before the model is deleted.`,
    );
  }
}

/** What is left when this stops half-way cannot be reached any more: its model is gone. */
async function removeParts(store: Store, tenant: string, modelId: string): Promise<void> {
  for (;;) {
    const page = await store.listParts({ tenant, kind: 'model', id: modelId }, '', {
      limit: PARTS_PER_COMMIT,
    });
    if (page.items.length === 0) return;
    await store.commit(page.items.flatMap((item) => removePart(item)));
  }
}

function removePart(item: Item<unknown>): Change[] {
  return item.key.part?.startsWith('version#')
    ? removeVersion(item as VersionItem)
    : [{ remove: item.key, expect: item.revision }];
}

function reserveName(tenant: string, name: string, modelId: string, more: Partial<NameEntry> = {}): Change {
  return { put: nameKey(tenant, name), value: { name, modelId, ...more }, expect: 'absent' };
}

function pick(record: ModelRecord, fields: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).filter(([field]) => fields.includes(field)));
}
