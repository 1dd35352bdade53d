import { randomUUID } from 'node:crypto';
import { forEachConcurrently } from './concurrency.ts';
import { copyArtifacts } from './copy-artifacts.ts';
import type { MovedExperiment } from './copy-experiments.ts';
import { digest, MARK, readTag, withoutMarks } from './marks.ts';
import type { ModelLinks } from './model-links.ts';
import { attempt, createOnce, type MoveContext, type StepProgress } from './move-context.ts';
import { listLoggedModels } from './read-server.ts';
import type { LoggedModel, Tag } from './wire.ts';

/** MLflow's client hands in that many with a creation, and as many with each call after it. */
const PARAMS_PER_CALL = 100;

/** Copies MLflow 3's logged models with their files, and notes which metric points belong to them. */
export async function copyLoggedModels(
  context: MoveContext,
  moved: readonly MovedExperiment[],
  links: ModelLinks,
  progress: StepProgress,
): Promise<void> {
  let count = 0;
  for (const experiment of moved) {
    let marked: Promise<ReadonlyMap<string, LoggedModel>> | undefined;
    const findMarked = async (id: string) => {
      if (experiment.isNew) return undefined;
      marked ??= readMarked(context, experiment.toId);
      return (await marked).get(id);
    };
    const models = listLoggedModels(context.source, experiment.from.experiment_id);
    await forEachConcurrently(models, context.options.concurrency, async (model) => {
      await attempt(context, `logged model ${model.info.model_id} ('${model.info.name}')`, async () => {
        await copyLoggedModel(context, experiment, model, findMarked);
        links.add(model);
      });
      progress.at(++count);
    });
  }
}

type FindMarked = (id: string) => Promise<LoggedModel | undefined>;

async function copyLoggedModel(
  context: MoveContext,
  experiment: MovedExperiment,
  model: LoggedModel,
  findMarked: FindMarked,
): Promise<void> {
  const { ids, journal, target, options } = context;
  const { info } = model;
  const state = digest([info.status, info.tags, model.data?.params]);
  if (journal.isDone(info.model_id, state) && !options.isRecheck) return;
  const there = await findMarked(info.model_id);
  const made = there ?? (await makeLoggedModel(context, experiment, model));
  const pair = {
    from: info.model_id,
    to: made.info.model_id,
    fromUri: info.artifact_uri,
    toUri: made.info.artifact_uri,
  };
  ids.add(pair);
  journal.recordMade('model', pair);
  if (readTag(made.info.tags, MARK.state) !== state || options.isRecheck) {
    await addParams(context, made, model.data?.params ?? []);
    const isWhole = await copyArtifacts(context, {
      kind: 'model',
      label: `logged model '${info.name}' (${info.model_id})`,
      ...pair,
      mayBeThere: there !== undefined,
    });
    await finalize(context, made, model);
    const tags = rewriteTags(context, info.tags);
    if (isWhole) tags.push({ key: MARK.state, value: state });
    await target.call(`logged-models/${pair.to}/tags`, { method: 'PATCH', body: { tags } });
    if (!isWhole) return;
  }
  journal.recordDone('model', info.model_id, state);
}

async function makeLoggedModel(
  context: MoveContext,
  { toId }: MovedExperiment,
  { info, data }: LoggedModel,
): Promise<LoggedModel> {
  const { source, target, ids } = context;
  const runId = ids.find(info.source_run_id)?.to ?? info.source_run_id;
  const body = {
    experiment_id: toId,
    name: info.name,
    ...(info.model_type === undefined ? {} : { model_type: info.model_type }),
    ...(runId === undefined ? {} : { source_run_id: runId }),
    params: (data?.params ?? []).slice(0, PARAMS_PER_CALL),
    tags: [
      { key: MARK.from, value: source.uri },
      { key: MARK.model, value: info.model_id },
    ],
  };
  const call = {
    method: 'POST',
    body,
    isRepeatable: false,
    headers: { 'idempotency-key': randomUUID() },
  };
  return createOnce(
    async () => (await target.call<{ model: LoggedModel }>('logged-models', call)).model,
    async () => (await readMarked(context, toId)).get(info.model_id),
  );
}

/** Servers refuse a param that is there already. */
async function addParams(context: MoveContext, made: LoggedModel, params: readonly Tag[]): Promise<void> {
  const there = new Set(made.data?.params?.map(({ key }) => key));
  const missing = params.filter(({ key }) => !there.has(key));
  for (let at = 0; at < missing.length; at += PARAMS_PER_CALL) {
    const body = { params: missing.slice(at, at + PARAMS_PER_CALL) };
    await context.target.post(`logged-models/${made.info.model_id}/params`, body);
  }
}

const PENDING = ['LOGGED_MODEL_PENDING', 1];

async function finalize({ target }: MoveContext, made: LoggedModel, { info }: LoggedModel): Promise<void> {
  if (PENDING.includes(info.status) || made.info.status === info.status) return;
  const body = { model_id: made.info.model_id, status: info.status };
  await target.call(`logged-models/${made.info.model_id}`, { method: 'PATCH', body });
}

/** `mlflow.modelVersions` is the server's: it writes it when the versions are registered. */
function rewriteTags({ ids }: MoveContext, tags: readonly Tag[] | undefined): Tag[] {
  return withoutMarks(tags)
    .filter(({ key }) => key !== 'mlflow.modelVersions')
    .map(({ key, value }) => ({ key, value: ids.rewrite(value) }));
}

async function readMarked(context: MoveContext, toId: string): Promise<ReadonlyMap<string, LoggedModel>> {
  const marked = new Map<string, LoggedModel>();
  for await (const model of listLoggedModels(context.target, toId)) {
    const id = readTag(model.info.tags, MARK.model);
    if (id !== undefined) marked.set(id, model);
  }
  return marked;
}
