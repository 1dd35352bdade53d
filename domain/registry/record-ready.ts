import { type CallContext, isoTime } from '../shared/call-context.ts';
import { makeEvent } from '../shared/event.ts';
import type { Store } from '../shared/store.ts';
import { putVersion, retryWhenConcurrent } from './commit-changes.ts';
import { ModelVersionRegistered } from './events.ts';
import { approvalStateOf, getPolicyOf, toRollOut } from './model-policy.ts';
import { type VersionRecord, versionKey, versionResource } from './model-records.ts';
import { withEntry } from './version-entries.ts';

/**
 * Makes a checked version READY and says so; a version that is no longer CHECKING stays as it is. A trained
 * version whose policy asks for no approval and rolls out by itself carries the rollout in the event.
 */
export async function recordReady(
  store: Store,
  context: CallContext,
  model: string,
  { modelId, number }: VersionRecord,
  result: Partial<VersionRecord>,
): Promise<void> {
  const policy = await getPolicyOf(store, context.tenant, modelId);
  await retryWhenConcurrent(async () => {
    const item = await store.get<VersionRecord>(versionKey(context.tenant, modelId, number));
    if (item?.value.status !== 'CHECKING') return;
    const put = putVersion(item, { ...result, updatedAt: isoTime(context) });
    const approval = approvalStateOf(put.value, policy);
    const startsItself = approval === 'not-required' && put.value.origin.kind === 'training';
    const event = makeEvent(ModelVersionRegistered, context, {
      resource: versionResource(model, number),
      sequence: item.revision + 1,
      data: {
        model,
        version: number,
        task: put.value.task,
        semver: put.value.semver,
        servable: put.value.servable,
        approval,
        source: put.value.origin.kind,
        lineage: put.value.lineage,
        rollOut: startsItself ? toRollOut(policy) : null,
      },
      before: { status: 'CHECKING' },
      after: { status: 'READY' },
    });
    await store.commit([...withEntry(put), { emit: event }]);
  });
}
