import { type CallContext, isoTime } from '../shared/call-context.ts';
import { makeEvent } from '../shared/event.ts';
import type { Store } from '../shared/store.ts';
import { putVersion, retryWhenConcurrent } from './commit-changes.ts';
import { ModelVersionRefused } from './events.ts';
import {
  type ModelRecord,
  modelKey,
  type VersionRecord,
  versionKey,
  versionResource,
} from './model-records.ts';
import { withEntry } from './version-entries.ts';

/** Ends the check of a version with reasons; a version that is no longer CHECKING stays as it is. */
export async function refuseVersion(
  store: Store,
  context: CallContext,
  { modelId, version }: { modelId: string; version: number },
  reasons: readonly string[],
): Promise<void> {
  await retryWhenConcurrent(async () => {
    const item = await store.get<VersionRecord>(versionKey(context.tenant, modelId, version));
    const model = await store.get<ModelRecord>(modelKey(context.tenant, modelId));
    if (item?.value.status !== 'CHECKING' || model === undefined) return;
    const put = putVersion(item, {
      status: 'REFUSED',
      reasons,
      servable: false,
      notServableBecause: reasons[0],
      updatedAt: isoTime(context),
    });
    const event = makeEvent(ModelVersionRefused, context, {
      resource: versionResource(model.value.name, version),
      sequence: item.revision + 1,
      data: { model: model.value.name, version, reasons: [...reasons] },
      before: { status: 'CHECKING' },
      after: { status: 'REFUSED' },
    });
    await store.commit([...withEntry(put), { emit: event }]);
  });
}
