import { forEachConcurrently } from './concurrency.ts';
import { copyVersion, type RegistryPlan, readNumbers } from './copy-version.ts';
import { MARK, missingTags, withoutMarks } from './marks.ts';
import { attempt, type MoveContext, type StepProgress } from './move-context.ts';
import { findRegisteredModel } from './read-server.ts';
import type { ModelVersion, RegisteredModel } from './wire.ts';

/** A registered model of the source with its versions in order. */
export interface SourceModel {
  readonly model: RegisteredModel;
  readonly versions: readonly ModelVersion[];
}

/**
 * Copies models and prompts, their versions under the numbers that they have, and aliases. A version that is a
 * copy of another model's (`models:/name/3`) waits for that one.
 */
export async function copyRegistry(
  context: MoveContext,
  models: readonly SourceModel[],
  progress: StepProgress,
): Promise<void> {
  const total = models.reduce((sum, { versions }) => sum + versions.length, 0);
  let count = 0;
  const plan: RegistryPlan = {
    waiting: new Set(models.flatMap(({ versions }) => versions.map(toAddress))),
    lastNumbers: new Map(),
  };
  const queues = models.map(({ model, versions }) => ({ model, versions: [...versions] }));
  const { concurrency } = context.options;
  await forEachConcurrently(queues, concurrency, async (queue) => {
    const isThere = await attempt(context, `model '${queue.model.name}'`, () =>
      ensureModel(context, plan, queue.model),
    );
    if (isThere) return;
    for (const version of queue.versions.splice(0)) plan.waiting.delete(toAddress(version));
  });
  for (let moved = -1; moved !== 0; ) {
    moved = 0;
    await forEachConcurrently(queues, concurrency, async ({ model, versions }) => {
      for (let next = versions[0]; next !== undefined && isReady(plan, next); next = versions[0]) {
        const version = next;
        await attempt(context, `version ${version.version} of '${model.name}'`, () =>
          copyVersion(context, plan, version),
        );
        versions.shift();
        plan.waiting.delete(toAddress(version));
        moved += 1;
        progress.at(++count, total);
      }
    });
  }
  reportStuck(context, queues);
  await forEachConcurrently(models, concurrency, ({ model }) => setAliases(context, model));
}

const toAddress = ({ name, version }: { name: string; version: string }) => `models:/${name}/${version}`;

function isReady({ waiting }: RegistryPlan, { source = '' }: ModelVersion): boolean {
  return !waiting.has(source.replace(/^models:\/+/, 'models:/'));
}

function reportStuck(context: MoveContext, queues: readonly SourceModel[]): void {
  for (const { model, versions } of queues) {
    for (const { version, source } of versions) {
      const reason = `It is a copy of ${source}, which waits for it in turn.`;
      context.problems.push({ what: `version ${version} of '${model.name}'`, reason });
    }
  }
}

async function ensureModel(context: MoveContext, plan: RegistryPlan, model: RegisteredModel): Promise<void> {
  const { source, target, ids } = context;
  const { name, description = '' } = model;
  const tags = withoutMarks(model.tags).map(({ key, value }) => ({ key, value: ids.rewrite(value) }));
  tags.push({ key: MARK.from, value: source.uri });
  const there = await findRegisteredModel(target, name);
  if (there === undefined) {
    await target.post('registered-models/create', { name, tags, description });
    return;
  }
  await readNumbers(context, plan, there);
  if ((there.description ?? '') !== description && description !== '') {
    await target.call('registered-models/update', { method: 'PATCH', body: { name, description } });
  }
  for (const { key, value } of missingTags(tags, there.tags)) {
    await target.post('registered-models/set-tag', { name, key, value });
  }
}

async function setAliases(context: MoveContext, { name, aliases = [] }: RegisteredModel): Promise<void> {
  const there = (await findRegisteredModel(context.target, name))?.aliases ?? [];
  for (const { alias, version } of aliases) {
    if (there.some((other) => other.alias === alias && String(other.version) === String(version))) continue;
    await attempt(context, `alias '${alias}' of model '${name}'`, async () => {
      await context.target.post('registered-models/alias', { name, alias, version: String(version) });
    });
  }
}
