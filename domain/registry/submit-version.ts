import { type CallContext, isoTime } from '../shared/call-context.ts';
import { AlreadyExistsError, InvalidInputError } from '../shared/domain-error.ts';
import { makeEvent } from '../shared/event.ts';
import { parseSignature, toSignatureJson } from '../shared/signature.ts';
import type { Put, Store } from '../shared/store.ts';
import { committed, putModel, retryWhenConcurrent } from './commit-changes.ts';
import { ModelVersionRegistered, ModelVersionSubmitted } from './events.ts';
import { isPrompt } from './mlflow-words.ts';
import { type MlmodelFields, toVersionFields } from './mlmodel.ts';
import { DEFAULT_POLICY, findPolicy } from './model-policy.ts';
import {
  getModelItem,
  lookUp,
  type ModelAndVersion,
  type ModelItem,
  modelPrefix,
  type VersionOrigin,
  type VersionRecord,
  versionKey,
  versionResource,
} from './model-records.ts';
import type { Lineage, Task } from './shapes.ts';
import { withEntry } from './version-entries.ts';

/** What is known of a version when it is handed in. */
export interface Submission {
  readonly origin: VersionOrigin;
  readonly description?: string | undefined;
  readonly task?: Task | undefined;
  readonly semver?: string | undefined;
  readonly tags?: Readonly<Record<string, string>>;
  readonly metrics?: Readonly<Record<string, number>>;
  readonly lineage?: Lineage;
  /** MLflow's JSON of a signature. */
  readonly signature?: unknown;
  readonly tolerance?: number | undefined;
  readonly mlflow?: VersionRecord['mlflow'];
  /** What is known of the files beforehand, as of a version that is copied. */
  readonly facts?: MlmodelFields | undefined;
  /** Given for a version whose files the platform does not have: it is READY at once. */
  readonly notServableBecause?: string | undefined;
}

/**
 * Gives a version its number and records it as CHECKING (or READY when there is nothing to check).
 *
 * @throws ModelNotFoundError, AlreadyExistsError for a label in use, InvalidInputError for a bad signature
 */
export async function submitVersion(
  store: Store,
  context: CallContext,
  name: string,
  submission: Submission,
): Promise<ModelAndVersion> {
  const signature = readSignature(submission.signature);
  return retryWhenConcurrent(async () => {
    const model = await getModelItem(store, context.tenant, name);
    const value = toRecord(context, model, submission, signature);
    const put: Put<VersionRecord> = {
      put: versionKey(context.tenant, model.value.id, value.number),
      value,
      expect: 'absent',
    };
    const counted = putModel(model, {
      lastVersion: value.number,
      labels: addLabel(model, value),
      latest: { ...model.value.latest, [value.stage]: value.number },
      updatedAt: value.createdAt,
      contentUpdatedAt: value.createdAt,
    });
    const registered = value.status === 'READY' ? [await registeredEvent(store, context, name, value)] : [];
    const events = [submittedEvent(context, name, value), ...registered];
    await store.commit([counted, ...withEntry(put), ...events.map((event) => ({ emit: event }))]);
    return { model: committed(counted), version: committed(put) };
  });
}

function toRecord(
  context: CallContext,
  model: ModelItem,
  submission: Submission,
  signature: Record<string, unknown> | undefined,
): VersionRecord {
  const number = model.value.lastVersion + 1;
  const now = isoTime(context);
  const { origin, description, task, semver, tags, metrics, lineage, tolerance, mlflow } = submission;
  return {
    modelId: model.value.id,
    number,
    status: submission.notServableBecause === undefined ? 'CHECKING' : 'READY',
    reasons: [],
    servable: false,
    notServableBecause: submission.notServableBecause ?? 'It is still being checked.',
    description: description ?? '',
    task: task ?? model.value.task,
    semver,
    stage: 'none',
    tags: tags ?? {},
    origin,
    mlflow,
    ...toVersionFields(submission.facts),
    prefix: `${modelPrefix(context.tenant, model.value.id)}versions/${number}/`,
    signature,
    signatureFrom: signature === undefined ? undefined : 'caller',
    tolerance,
    hasExample: false,
    hasProfile: false,
    metrics: metrics ?? {},
    lineage: lineage ?? {},
    createdAt: now,
    createdBy: context.actor,
    updatedAt: now,
  };
}

function readSignature(signature: unknown): Record<string, unknown> | undefined {
  if (signature === undefined) return undefined;
  try {
    return toSignatureJson(parseSignature(signature));
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    const errors = error.errors.map(({ path, message }) => ({ path: `signature.${path}`, message }));
    throw new InvalidInputError(error.message, errors, { cause: error });
  }
}

function addLabel(model: ModelItem, { semver, number }: VersionRecord): Readonly<Record<string, number>> {
  const { labels } = model.value;
  if (semver === undefined) return labels;
  if (lookUp(labels, semver) !== undefined) throw new AlreadyExistsError('version labelled', semver);
  return { ...labels, [semver]: number };
}

function submittedEvent(context: CallContext, name: string, value: VersionRecord) {
  const { origin, lineage, tags, description } = value;
  return makeEvent(ModelVersionSubmitted, context, {
    resource: versionResource(name, value.number),
    sequence: 1,
    data: { model: name, version: value.number, source: origin.kind, prompt: isPrompt(tags) },
    after: { source: origin.uri, runId: lineage.runId ?? null, tags, description },
  });
}

async function registeredEvent(store: Store, context: CallContext, name: string, value: VersionRecord) {
  const policy = (await findPolicy(store, context.tenant, value.modelId))?.value ?? DEFAULT_POLICY;
  return makeEvent(ModelVersionRegistered, context, {
    resource: versionResource(name, value.number),
    sequence: 1,
    data: {
      model: name,
      version: value.number,
      task: value.task,
      servable: false,
      approval: policy.approval.required ? 'pending' : 'not-required',
      source: value.origin.kind,
      lineage: value.lineage,
      rollOut: null,
    },
  });
}
