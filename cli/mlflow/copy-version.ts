import { setTimeout as sleep } from 'node:timers/promises';
import { findExperimentOf } from './choose-what.ts';
import { isCopyFrom, isFiller, missingTags, versionMarks, withoutMarks } from './marks.ts';
import { MlflowError } from './mlflow-error.ts';
import { createOnce, type MoveContext } from './move-context.ts';
import { findVersion, listVersions } from './read-server.ts';
import { listOrigins, type VersionOrigin } from './version-origin.ts';
import type { ModelVersion, RegisteredModel, Tag } from './wire.ts';

export interface RegistryPlan {
  /** Versions that are still to come, as `models:/name/number`. */
  readonly waiting: Set<string>;
  /** The highest number that the target is known to have given, by model. */
  readonly lastNumbers: Map<string, number>;
}

/** The platform checks a version before it is READY; MLflow's client waits as long. */
const MAX_CHECK_MS = 300_000;

/** Forgets what a move that was killed made only to use numbers up, and notes which numbers are taken. */
export async function readNumbers(
  { source, target }: MoveContext,
  { lastNumbers }: RegistryPlan,
  model: RegisteredModel,
): Promise<void> {
  for (const there of await listVersions(target, model)) {
    const { name, version } = there;
    lastNumbers.set(name, Number(version));
    if (!isFiller(source.uri, there)) continue;
    await target.call('model-versions/delete', { method: 'DELETE', body: { name, version } });
  }
}

/** Makes a version under its number, or brings the copy of an earlier move up to date. */
export async function copyVersion(
  context: MoveContext,
  plan: RegistryPlan,
  version: ModelVersion,
): Promise<void> {
  const { source, target, ids } = context;
  const { name } = version;
  const number = Number(version.version);
  const tags = withoutMarks(version.tags).map(({ key, value }) => ({ key, value: ids.rewrite(value) }));
  tags.push(...versionMarks(source.uri, version));
  const there = await findVersion(target, name, number);
  if (there !== undefined && !isCopyFrom(source.uri, there)) {
    throw refusal(`The target has a version ${number} already that did not come from ${source.uri}.`);
  }
  if (there === undefined) await requireOriginThere(context, version);
  const made = there ?? (await makeVersion(context, plan, version, tags));
  if (there !== undefined) await updateVersion(context, version, there, tags);
  const checked = await waitForCheck(context, made);
  await moveToStage(context, version, checked);
}

/** A version cannot get another source later: one whose run or model is still to come would never find it. */
async function requireOriginThere(
  { source, ids }: MoveContext,
  { source: uri = '', run_id = '', model_id = '' }: ModelVersion,
): Promise<void> {
  for (const id of ids.listUnknown([uri, run_id, model_id].join(' '))) {
    const experiment = await findExperimentOf(source, id);
    if (experiment === undefined) continue;
    throw refusal(`It comes from ${id} of experiment ${experiment}, which was not copied.`);
  }
}

async function updateVersion(
  { target }: MoveContext,
  { name, version, description = '' }: ModelVersion,
  there: ModelVersion,
  tags: readonly Tag[],
): Promise<void> {
  for (const tag of missingTags(tags, there.tags)) {
    await target.post('model-versions/set-tag', { name, version, ...tag });
  }
  if (description === '' || there.description === description) return;
  await target.call('model-versions/update', { method: 'PATCH', body: { name, version, description } });
}

/**
 * A new version gets the target's next number. Numbers that the source has given to versions since deleted are
 * used up by versions that are deleted at once. What the target's next number is shows only when it is given, so
 * each of them is made as the real one.
 */
async function makeVersion(
  context: MoveContext,
  plan: RegistryPlan,
  version: ModelVersion,
  tags: readonly Tag[],
): Promise<ModelVersion> {
  const { name } = version;
  const wanted = Number(version.version);
  for (const origin of listOrigins(context.ids, version)) {
    try {
      for (;;) {
        const made = await create(context, plan, version, origin, tags);
        const number = Number(made.version);
        plan.lastNumbers.set(name, number);
        if (number === wanted) return made;
        const body = { name, version: made.version };
        await context.target.call('model-versions/delete', { method: 'DELETE', body });
        if (number > wanted) {
          throw refusal(`The target's next number is ${number}: it has used up ${wanted}.`);
        }
      }
    } catch (error) {
      // Servers differ in which run and model a source may name; the next origin says the same in another way.
      const isRefused = error instanceof MlflowError && error.status === 400 && error.code !== NOT_COPIED;
      if (!isRefused || origin.isLast) throw error;
    }
  }
  throw refusal('It has no source.');
}

async function create(
  { target, source }: MoveContext,
  plan: RegistryPlan,
  { name, description, run_link }: ModelVersion,
  { isLast: _, ...origin }: VersionOrigin,
  tags: readonly Tag[],
): Promise<ModelVersion> {
  const body = {
    name,
    ...origin,
    tags,
    ...(description === undefined ? {} : { description }),
    ...(run_link === undefined ? {} : { run_link }),
  };
  const call = { method: 'POST', body, isRepeatable: false };
  return createOnce(
    async () =>
      (await target.call<{ model_version: ModelVersion }>('model-versions/create', call)).model_version,
    async () => {
      const newest = (await listVersions(target, { name, tags })).at(-1);
      if (newest === undefined || Number(newest.version) <= (plan.lastNumbers.get(name) ?? 0))
        return undefined;
      return isCopyFrom(source.uri, newest) || isFiller(source.uri, newest) ? newest : undefined;
    },
  );
}

async function waitForCheck({ target }: MoveContext, made: ModelVersion): Promise<ModelVersion> {
  let current = made;
  for (const end = Date.now() + MAX_CHECK_MS; current.status === 'PENDING_REGISTRATION'; ) {
    if (Date.now() > end) throw refusal('The target has not finished checking it.');
    await sleep(500);
    current = (await findVersion(target, made.name, Number(made.version))) ?? current;
  }
  if (current.status === 'FAILED_REGISTRATION') {
    throw refusal(`The target refuses it: ${current.status_message ?? 'without a reason'}`);
  }
  return current;
}

async function moveToStage({ target }: MoveContext, from: ModelVersion, to: ModelVersion): Promise<void> {
  const stage = from.current_stage ?? 'None';
  if (stage === (to.current_stage ?? 'None')) return;
  const { name, version } = from;
  const body = { name, version, stage, archive_existing_versions: false };
  await target.post('model-versions/transition-stage', body);
}

const NOT_COPIED = 'NOT_COPIED';

function refusal(message: string): MlflowError {
  return new MlflowError(message, 400, NOT_COPIED);
}
