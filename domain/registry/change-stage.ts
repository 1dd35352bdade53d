import { type CallContext, isoTime } from '../shared/call-context.ts';
import { ConflictError } from '../shared/domain-error.ts';
import { makeEvent } from '../shared/event.ts';
import type { Change, Put, Store } from '../shared/store.ts';
import { checkIfMatch, committed, putModel, putVersion, retryWhenConcurrent } from './commit-changes.ts';
import { ApprovalMissingError, GateNotPassedError } from './errors.ts';
import { ModelVersionStageChanged } from './events.ts';
import { approvalStateOf, findFailedGates, getPolicyOf } from './model-policy.ts';
import {
  eachVersion,
  getVersionItem,
  type ModelAndVersion,
  type ModelItem,
  modelKey,
  type VersionItem,
  type VersionRecord,
  versionResource,
} from './model-records.ts';
import type { PolicyInput, Stage } from './shapes.ts';
import { computeLatest, withEntry } from './version-entries.ts';

/** Four changes each (version, entry, history, event) keep a commit below its 90. */
const ARCHIVED_PER_COMMIT = 20;

/** One move as the history keeps it. */
export interface StageChange {
  readonly version: number;
  readonly from: Stage;
  readonly to: Stage;
  readonly at: string;
  readonly by: string;
  readonly reason: string;
}

export interface StageMove {
  readonly stage: Stage;
  readonly archiveExisting: boolean;
  readonly reason: string;
  readonly ifMatch?: number | undefined;
}

/**
 * Moves a version to a stage and, when asked, archives what is there, at one moment.
 *
 * @throws ConflictError unless READY, ApprovalMissingError, GateNotPassedError, PreconditionFailedError
 */
export async function setModelVersionStage(
  store: Store,
  context: CallContext,
  { name, ref }: { name: string; ref: string | number },
  move: StageMove,
): Promise<ModelAndVersion & { readonly policy: PolicyInput }> {
  return retryWhenConcurrent(async () => {
    const { model, version } = await getVersionItem(store, context.tenant, name, ref);
    const policy = await getPolicyOf(store, context.tenant, model.value.id);
    checkIfMatch(move.ifMatch, version.revision);
    requireAllowed(name, version.value, move.stage, policy);
    const others = move.archiveExisting ? await listOthersIn(store, context, version, move.stage) : [];
    if (version.value.stage === move.stage && others.length === 0) return { model, version, policy };
    const moves = new Map<number, Stage>(others.map(({ value }) => [value.number, 'archived']));
    moves.set(version.value.number, move.stage);
    const latest = await computeLatest(store, context.tenant, model.value.id, moves);
    while (others.length > ARCHIVED_PER_COMMIT) {
      const batch = others.splice(0, ARCHIVED_PER_COMMIT);
      await store.commit(
        batch.flatMap((other) => moveChanges(context, model, other, 'archived', move.reason)),
      );
    }
    const [put, ...rest] = moveChanges(context, model, version, move.stage, move.reason);
    const archived = others.flatMap((other) => moveChanges(context, model, other, 'archived', move.reason));
    const now = isoTime(context);
    const touched = putModel(model, { latest, updatedAt: now, contentUpdatedAt: now });
    await store.commit([put, ...rest, ...archived, touched]);
    return { model: committed(touched), version: committed(put), policy };
  });
}

function requireAllowed(name: string, version: VersionRecord, stage: Stage, policy: PolicyInput): void {
  const label = `Version ${version.number} of '${name}'`;
  if (stage === 'none' || stage === 'archived') return;
  if (version.status !== 'READY') {
    throw new ConflictError(`${label} is ${version.status}; only READY versions go to ${stage}.`);
  }
  const approval = approvalStateOf(version, policy);
  if (approval === 'rejected')
    throw new ApprovalMissingError(`${label} was rejected: ${version.decision?.reason}`);
  if (stage !== 'production') return;
  if (approval === 'pending') {
    throw new ApprovalMissingError(`${label} needs an approval before it goes to production.`);
  }
  const failed = findFailedGates(policy.gates, version.metrics);
  if (failed.length > 0) {
    throw new GateNotPassedError(`${label} does not pass the gates of its model: ${failed.join('; ')}.`, {
      details: { failed },
    });
  }
}

async function listOthersIn(
  store: Store,
  context: CallContext,
  { value }: VersionItem,
  stage: Stage,
): Promise<VersionItem[]> {
  const others: VersionItem[] = [];
  for await (const item of eachVersion(store, context.tenant, value.modelId)) {
    if (item.value.stage === stage && item.value.number !== value.number) others.push(item);
  }
  return others;
}

/** The put of the version first, then its history entry and its event; further fields may change with it. */
export function moveChanges(
  context: CallContext,
  model: ModelItem,
  version: VersionItem,
  to: Stage,
  reason: string,
  fields: Partial<VersionRecord> = {},
): [Put<VersionRecord>, ...Change[]] {
  const { number, stage: from, modelId } = version.value;
  const at = isoTime(context);
  const put = putVersion(version, { ...fields, stage: to, updatedAt: at, contentUpdatedAt: at });
  const change: StageChange = { version: number, from, to, at, by: context.actor, reason };
  const event = makeEvent(ModelVersionStageChanged, context, {
    resource: versionResource(model.value.name, number),
    sequence: version.revision + 1,
    data: { model: model.value.name, version: number, from, to, reason },
    before: { stage: from },
    after: { stage: to },
  });
  return [...withEntry(put), recordStageChange(context, modelId, change), { emit: event }];
}

/** History entries are in order of time; the ULID tells those of one millisecond apart. */
export function recordStageChange(context: CallContext, modelId: string, change: StageChange): Change {
  const part = `stage#${change.at}#${context.newId('stg')}`;
  return { put: modelKey(context.tenant, modelId, part), value: change, expect: 'absent' };
}
