import { type CallContext, isoTime } from '../shared/call-context.ts';
import { AlreadyExistsError } from '../shared/domain-error.ts';
import { makeEvent } from '../shared/event.ts';
import type { Change, Page, PageRequest, Store } from '../shared/store.ts';
import { putTrash, trashOf } from '../shared/trash.ts';
import { recordStageChange } from './change-stage.ts';
import { checkIfMatch, committed, putModel, putVersion, retryWhenConcurrent } from './commit-changes.ts';
import { InUseError } from './errors.ts';
import { ModelVersionDeleted, ModelVersionUpdated } from './events.ts';
import { getPolicyOf } from './model-policy.ts';
import {
  getModelItem,
  getVersionItem,
  lookUp,
  type ModelAndVersion,
  type ModelItem,
  type VersionItem,
  type VersionRecord,
  versionResource,
} from './model-records.ts';
import type { Stage, VersionStatus } from './shapes.ts';
import { replacedTagEvents, versionTagEvent } from './tag-events.ts';
import { computeLatest, removeVersion, withEntry } from './version-entries.ts';
import type { ModelVersionView, VersionPatch } from './version-shapes.ts';
import { toVersionView } from './views.ts';

interface VersionName {
  readonly name: string;
  readonly ref: string | number;
}

export async function getModelVersion(
  store: Store,
  context: CallContext,
  { name, ref }: VersionName,
): Promise<ModelVersionView> {
  const { model, version } = await getVersionItem(store, context.tenant, name, ref);
  const policy = await getPolicyOf(store, context.tenant, model.value.id);
  return toVersionView(model.value, version, policy);
}

/** The versions of a model, newest first; with a filter a page may hold fewer than `limit` and go on. */
export async function listModelVersions(
  store: Store,
  context: CallContext,
  name: string,
  query: PageRequest & { readonly stage?: Stage | undefined; readonly status?: VersionStatus | undefined },
): Promise<Page<ModelVersionView>> {
  const model = await getModelItem(store, context.tenant, name);
  const policy = await getPolicyOf(store, context.tenant, model.value.id);
  const partition = { tenant: context.tenant, kind: 'model', id: model.value.id };
  const { limit, cursor, stage, status } = query;
  const page = await store.listParts<VersionRecord>(partition, 'version#', { limit, cursor });
  const items = page.items
    .filter(({ value }) => stage === undefined || value.stage === stage)
    .filter(({ value }) => status === undefined || value.status === status)
    .map((item) => toVersionView(model.value, item, policy));
  return { items, nextCursor: page.nextCursor };
}

/** @throws ModelVersionNotFoundError, AlreadyExistsError for a label in use, PreconditionFailedError */
export async function updateModelVersion(
  store: Store,
  context: CallContext,
  { name, ref }: VersionName,
  patch: VersionPatch,
  ifMatch?: number,
): Promise<ModelAndVersion> {
  return retryWhenConcurrent(async () => {
    const { model, version } = await getVersionItem(store, context.tenant, name, ref);
    checkIfMatch(ifMatch, version.revision);
    const relabelled = patch.semver === undefined ? undefined : relabel(model, version, patch.semver);
    const { semver, description, tags } = patch;
    const put = putVersion(version, {
      ...(description === undefined ? {} : { description, contentUpdatedAt: isoTime(context) }),
      ...(tags === undefined ? {} : { tags }),
      ...(semver === undefined ? {} : { semver: semver ?? undefined }),
      updatedAt: isoTime(context),
    });
    const event = makeEvent(ModelVersionUpdated, context, {
      resource: versionResource(name, version.value.number),
      sequence: version.revision + 1,
      data: { model: name, version: version.value.number },
      before: {
        description: version.value.description,
        tags: version.value.tags,
        semver: version.value.semver,
      },
      after: patch,
    });
    const tagEvents = replacedTagEvents(version.value.tags, put.value.tags, (key, value) =>
      versionTagEvent(context, model, version, key, value),
    );
    const also = relabelled === undefined ? [] : [relabelled];
    await store.commit([...withEntry(put), ...also, { emit: event }, ...tagEvents]);
    const after = relabelled === undefined ? model : committed(relabelled);
    return { model: after, version: committed(put) };
  });
}

function relabel(model: ModelItem, { value }: VersionItem, semver: string | null) {
  const labels = Object.fromEntries(
    Object.entries(model.value.labels).filter(([, version]) => version !== value.number),
  );
  if (semver === null) return putModel(model, { labels });
  if (lookUp(labels, semver) !== undefined) throw new AlreadyExistsError('version labelled', semver);
  return putModel(model, { labels: { ...labels, [semver]: value.number } });
}

/**
 * Deletes a version with its aliases and label. Its number is not used again; its files are removed for good after
 * the retention.
 *
 * @throws ModelVersionNotFoundError, PreconditionFailedError, InUseError while it is in production
 */
export async function deleteModelVersion(
  store: Store,
  context: CallContext,
  { name, ref }: VersionName,
  { ifMatch, evenInProduction = false }: { ifMatch?: number | undefined; evenInProduction?: boolean } = {},
): Promise<void> {
  await retryWhenConcurrent(async () => {
    const { model, version } = await getVersionItem(store, context.tenant, name, ref);
    checkIfMatch(ifMatch, version.revision);
    const { number, stage } = version.value;
    if (stage === 'production' && !evenInProduction) {
      throw new InUseError(`Version ${number} of '${name}' is in production; archive it first.`);
    }
    const now = isoTime(context);
    const keep = (entries: Readonly<Record<string, number>>) =>
      Object.fromEntries(Object.entries(entries).filter(([, target]) => target !== number));
    const { aliases, labels } = model.value;
    const event = makeEvent(ModelVersionDeleted, context, {
      resource: versionResource(name, number),
      sequence: version.revision + 1,
      data: { model: name, version: number },
      before: { stage, status: version.value.status },
    });
    const moves = new Map([[number, 'deleted' as const]]);
    await store.commit([
      putModel(model, {
        aliases: keep(aliases),
        labels: keep(labels),
        latest: await computeLatest(store, context.tenant, model.value.id, moves),
        updatedAt: now,
        contentUpdatedAt: now,
      }),
      ...removeVersion(version),
      ...leaveStage(context, version, now),
      putTrash(context, trashOf(context, version.value.prefix)),
      { emit: event },
    ]);
  });
}

function leaveStage(context: CallContext, { value }: VersionItem, at: string): Change[] {
  if (value.stage === 'none') return [];
  const change = {
    version: value.number,
    from: value.stage,
    to: 'none',
    at,
    by: context.actor,
    reason: 'deleted',
  } as const;
  return [recordStageChange(context, value.modelId, change)];
}
