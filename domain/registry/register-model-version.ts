import type { CallContext } from '../shared/call-context.ts';
import type { Store } from '../shared/store.ts';
import { locateSource, type SourceDeps } from './locate-source.ts';
import { ensureModel } from './manage-models.ts';
import { getPolicyOf } from './model-policy.ts';
import {
  eachVersion,
  getModelItem,
  getVersionItem,
  type ModelAndVersion,
  type VersionItem,
  type VersionOrigin,
} from './model-records.ts';
import type { CheckRequest, CheckStarter } from './ports.ts';
import { refuseVersion } from './refuse-version.ts';
import type { Lineage, ModelView, Task } from './shapes.ts';
import { type Submission, submitVersion } from './submit-version.ts';
import type { ModelVersionView, RegisterInput, VersionInput } from './version-shapes.ts';
import { toModelView, toVersionView } from './views.ts';

export interface RegisterDeps extends SourceDeps {
  readonly checks: CheckStarter;
}

/**
 * Registers a version from an upload or a run: it is CHECKING when this returns.
 *
 * @throws ModelNotFoundError, UploadNotFoundError, InvalidInputError
 */
export async function registerModelVersion(
  deps: RegisterDeps,
  context: CallContext,
  name: string,
  input: VersionInput,
): Promise<ModelVersionView> {
  const model = await getModelItem(deps.store, context.tenant, name);
  const { source, ...rest } = input;
  const located = await locateSource(deps, context, model.value.id, source);
  const submitted = await submitForCheck(deps, context, name, {
    ...rest,
    origin: located.origin,
    lineage: { ...located.lineage, ...input.lineage },
    metrics: { ...located.metrics, ...input.metrics },
  });
  const policy = await getPolicyOf(deps.store, context.tenant, model.value.id);
  return toVersionView(submitted.model.value, submitted.version, policy);
}

/** Registers in one call, making the model when it is absent; without a source only the model is made. */
export async function registerModel(
  deps: RegisterDeps,
  context: CallContext,
  { name, ...input }: RegisterInput,
): Promise<{ readonly model: ModelView } | { readonly version: ModelVersionView }> {
  const model = await ensureModel(deps.store, context, { name, description: '', task: input.task, tags: {} });
  const { source } = input;
  if (source === undefined) return { model: toModelView(model) };
  return { version: await registerModelVersion(deps, context, name, { ...input, source }) };
}

/** What the training workflow hands over: files in the artifact bucket and what is known about them. */
export interface TrainedVersion {
  readonly model: string;
  /** Prefix of `model.onnx`, `signature.json`, `example.json` and `profile.json`; ends with `/`. */
  readonly prefix: string;
  readonly task: Task;
  readonly metrics: Readonly<Record<string, number>>;
  readonly lineage: Lineage;
  readonly description?: string | undefined;
  readonly semver?: string | undefined;
  readonly tags?: Readonly<Record<string, string>>;
  readonly signature?: unknown;
  readonly tolerance?: number | undefined;
}

/**
 * Registers what a training made, on the same path as POST …/versions, and waits for the verdict: the version
 * is READY or REFUSED when this returns. The model is made when it is absent; a repeat for the same training
 * execution goes on with the version of the first try.
 */
export async function registerTrainedVersion(
  deps: Pick<RegisterDeps, 'store' | 'storage' | 'checks'>,
  context: CallContext,
  { model, prefix, ...input }: TrainedVersion,
): Promise<ModelVersionView> {
  await ensureModel(deps.store, context, { name: model, description: '', task: input.task, tags: {} });
  const files = await deps.storage.list(prefix);
  const execution = input.lineage.trainingExecution;
  const uri = execution === undefined ? prefix : `training-executions/${execution}`;
  const origin: VersionOrigin = { kind: 'training', uri, prefix, files };
  const version =
    (await findSubmitted(deps.store, context.tenant, model, uri)) ??
    (await submitVersion(deps.store, context, model, { ...input, origin })).version;
  await deps.checks.runToEnd(toCheckRequest(context, version.value.modelId, version.value.number));
  const checked = await getVersionItem(deps.store, context.tenant, model, version.value.number);
  const policy = await getPolicyOf(deps.store, context.tenant, version.value.modelId);
  return toVersionView(checked.model.value, checked.version, policy);
}

/** What an earlier try of the same workflow state handed in. */
async function findSubmitted(
  store: Store,
  tenant: string,
  name: string,
  uri: string,
): Promise<VersionItem | undefined> {
  const model = await getModelItem(store, tenant, name);
  for await (const item of eachVersion(store, tenant, model.value.id)) {
    const { origin } = item.value;
    if (origin.kind === 'training' && origin.uri === uri) return item;
  }
  return undefined;
}

/** Records the version and starts its check; one that cannot be started is refused, not left CHECKING. */
export async function submitForCheck(
  deps: Pick<RegisterDeps, 'store' | 'checks'>,
  context: CallContext,
  name: string,
  submission: Submission,
): Promise<ModelAndVersion> {
  const submitted = await submitVersion(deps.store, context, name, submission);
  const { modelId, number } = submitted.version.value;
  try {
    await deps.checks.start(toCheckRequest(context, modelId, number));
  } catch (error) {
    await refuseVersion(deps.store, context, { modelId, version: number }, [
      'The check could not be started; register the version again.',
    ]);
    throw error;
  }
  return submitted;
}

function toCheckRequest(context: CallContext, modelId: string, version: number): CheckRequest {
  return { tenant: context.tenant, modelId, version, actor: context.actor, requestId: context.requestId };
}
