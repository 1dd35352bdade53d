import { AlreadyExistsError, DomainError, InvalidInputError } from '../shared/domain-error.ts';
import { checkMlflowTag, checkOwnPath, toPythonText } from '../shared/mlflow-names.ts';
import { tooLong } from '../shared/mlflow-words.ts';
import { ModelNotFoundError, ModelVersionNotFoundError } from './errors.ts';
import type { Stage } from './shapes.ts';

/** MLflow's RESOURCE_DOES_NOT_EXIST in MLflow's own words. */
export class MlflowNotFoundError extends DomainError {
  override readonly name = 'MlflowNotFoundError';
  readonly code = 'NOT_FOUND';
  readonly status = 404;
}

/** MLflow's RESOURCE_ALREADY_EXISTS in MLflow's own words. */
export class MlflowAlreadyExistsError extends DomainError {
  override readonly name = 'MlflowAlreadyExistsError';
  readonly code = 'ALREADY_EXISTS';
  readonly status = 409;
}

/** Runs a use case and says its refusals as MLflow's server says them; clients compare the texts. */
export async function inMlflowWords<T>(
  subject: { readonly name: string; readonly version?: string | undefined },
  run: () => Promise<T>,
): Promise<T> {
  try {
    return await run();
  } catch (cause) {
    const { name, version } = subject;
    const isAbsent = cause instanceof ModelNotFoundError || cause instanceof ModelVersionNotFoundError;
    // Asked for a version, MLflow does not say whether the model is there.
    if (isAbsent && version !== undefined) {
      const number = checkMlflowVersion(version);
      throw new MlflowNotFoundError(`Model Version (name=${name}, version=${number}) not found`, { cause });
    }
    if (isAbsent) throw new MlflowNotFoundError(`Registered Model with name=${name} not found`, { cause });
    if (cause instanceof AlreadyExistsError) {
      throw new MlflowAlreadyExistsError(`Registered Model (name=${name}) already exists.`, { cause });
    }
    throw cause;
  }
}

/** MLflow's prompts are registered models with this tag. */
export function isPrompt(tags: Readonly<Record<string, string>>): boolean {
  return tags['mlflow.prompt.is_prompt']?.toLowerCase() === 'true';
}

/** What MLflow says of a name that a model or prompt has already. */
export function nameTaken(
  name: string,
  isNewPrompt: boolean,
  isOldPrompt: boolean,
): MlflowAlreadyExistsError {
  const [wanted, existing] = [isNewPrompt, isOldPrompt].map((is) => (is ? 'Prompt' : 'Registered Model'));
  if (wanted === existing) return new MlflowAlreadyExistsError(`${wanted} (name=${name}) already exists.`);
  return new MlflowAlreadyExistsError(
    `Tried to create a ${wanted?.toLowerCase()} with name ${toPythonText(name)}, but the name is already taken by a ` +
      `${existing?.toLowerCase()}. MLflow does not allow creating a model and a prompt with the same name.`,
  );
}

/** @throws InvalidInputError for names that MLflow refuses */
export function checkMlflowName(name: string, parameter = 'name'): string {
  if (name.trim() === '') {
    throw new InvalidInputError(`Missing value for required parameter '${parameter}'.`);
  }
  if (/[/:]/.test(name)) {
    throw new InvalidInputError(`Invalid model name '${name}'. Names cannot contain '/' or ':'.`);
  }
  checkOwnPath(name, 'name');
  // The column of MLflow's database has as many.
  if (name.length > 256) throw new InvalidInputError(tooLong('name', 256));
  return name;
}

/** @throws InvalidInputError unless the text is an integer, as Python reads it */
export function checkMlflowVersion(version: string): number {
  if (/^\s*[-+]?\d+\s*$/.test(version)) return Number(version);
  throw new InvalidInputError(`Parameter 'version' must be an integer, got '${version}'.`);
}

/** @throws InvalidInputError for texts that are no alias */
export function checkMlflowAlias(alias: string): string {
  if (!/^[\p{L}\p{N}_-]+$/u.test(alias)) {
    throw new InvalidInputError(
      `Invalid alias name: '${alias}'. Names may only contain alphanumerics, underscores (_), and dashes (-).`,
    );
  }
  if (alias.length > 255) throw new InvalidInputError(tooLong('Registered model alias name', 255));
  return alias;
}

/** @throws InvalidInputError for aliases that nobody may set */
export function checkNewMlflowAlias(alias: string): string {
  checkMlflowAlias(alias);
  if (alias.toLowerCase() === 'latest') {
    throw new InvalidInputError("'latest' alias name (case insensitive) is reserved.");
  }
  if (/^v\d+$/i.test(alias)) throw new InvalidInputError(`Version alias name '${alias}' is reserved.`);
  return alias;
}

export const MLFLOW_STAGES = {
  none: 'None',
  staging: 'Staging',
  production: 'Production',
  archived: 'Archived',
} as const satisfies Record<Stage, string>;

/** MLflow takes stages in any case. @throws InvalidInputError for any other word */
export function parseMlflowStage(text: string): Stage {
  const stage = text.toLowerCase();
  if (Object.hasOwn(MLFLOW_STAGES, stage)) return stage as Stage;
  throw new InvalidInputError(
    `Invalid Model Version stage: ${text}. Value must be one of None, Staging, Production, Archived.`,
  );
}

/** Limits of MLflow's registry tags. @throws InvalidInputError */
export function checkRegistryTag(key: string, value: string): void {
  checkMlflowTag(key, value, { key: 250, value: 100_000 });
}
