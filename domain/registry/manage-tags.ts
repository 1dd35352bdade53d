import { type CallContext, isoTime } from '../shared/call-context.ts';
import type { Store } from '../shared/store.ts';
import { putModel, putVersion, retryWhenConcurrent } from './commit-changes.ts';
import { getModelItem, getVersionItem } from './model-records.ts';
import { modelTagEvent, tagOf, versionTagEvent } from './tag-events.ts';
import { withEntry } from './version-entries.ts';

interface Tag {
  readonly key: string;
  readonly value: string;
}

interface VersionName {
  readonly name: string;
  readonly ref: string | number;
}

/** @throws ModelNotFoundError */
export async function setModelTag(
  store: Store,
  context: CallContext,
  name: string,
  { key, value }: Tag,
): Promise<void> {
  await retryWhenConcurrent(async () => {
    const item = await getModelItem(store, context.tenant, name);
    const tags = { ...item.value.tags, [key]: value };
    const put = putModel(item, { tags, updatedAt: isoTime(context) });
    await store.commit([put, { emit: modelTagEvent(context, item, key, value) }]);
  });
}

/** One that is not there is none. @throws ModelNotFoundError */
export async function deleteModelTag(
  store: Store,
  context: CallContext,
  name: string,
  key: string,
): Promise<void> {
  await retryWhenConcurrent(async () => {
    const item = await getModelItem(store, context.tenant, name);
    if (tagOf(item.value.tags, key) === undefined) return;
    const { [key]: _, ...tags } = item.value.tags;
    const put = putModel(item, { tags, updatedAt: isoTime(context) });
    await store.commit([put, { emit: modelTagEvent(context, item, key, undefined) }]);
  });
}

/** @throws ModelNotFoundError, ModelVersionNotFoundError */
export async function setVersionTag(
  store: Store,
  context: CallContext,
  { name, ref }: VersionName,
  { key, value }: Tag,
): Promise<void> {
  await retryWhenConcurrent(async () => {
    const { model, version } = await getVersionItem(store, context.tenant, name, ref);
    const tags = { ...version.value.tags, [key]: value };
    const put = putVersion(version, { tags, updatedAt: isoTime(context) });
    await store.commit([...withEntry(put), { emit: versionTagEvent(context, model, version, key, value) }]);
  });
}

/** One that is not there is none. @throws ModelNotFoundError, ModelVersionNotFoundError */
export async function deleteVersionTag(
  store: Store,
  context: CallContext,
  { name, ref }: VersionName,
  key: string,
): Promise<void> {
  await retryWhenConcurrent(async () => {
    const { model, version } = await getVersionItem(store, context.tenant, name, ref);
    if (tagOf(version.value.tags, key) === undefined) return;
    const { [key]: _, ...tags } = version.value.tags;
    const put = putVersion(version, { tags, updatedAt: isoTime(context) });
    await store.commit([
      ...withEntry(put),
      { emit: versionTagEvent(context, model, version, key, undefined) },
    ]);
  });
}
