import { AlreadyExistsError, DomainError, InvalidInputError } from '../shared/domain-error.ts';
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
    if (cause instanceof ModelNotFoundError) {
      throw new MlflowNotFoundError(`Registered Model with name=${name} not found`, { cause });
    }
    if (cause instanceof ModelVersionNotFoundError) {
      throw new MlflowNotFoundError(`Model Version (name=${name}, version=${version}) not found`, { cause });
    }
    if (cause instanceof AlreadyExistsError) {
      throw new MlflowAlreadyExistsError(`Registered Model (name=${name}) already exists.`, { cause });
    }
    throw cause;
  }
}

/** @throws InvalidInputError for names that MLflow refuses */
export function checkMlflowName(name: string): string {
  if (name.trim() === '') throw new InvalidInputError('Registered model name cannot be empty.');
  if (/[/:]/.test(name)) {
    throw new InvalidInputError(`Invalid name: '${name}'. Registered model name cannot contain '/' or ':'.`);
  }
  if (name.length > 256) {
    throw new InvalidInputError("'name' exceeds the maximum length of 256 characters");
  }
  return name;
}

/** @throws InvalidInputError unless the text is an integer */
export function checkMlflowVersion(version: string): number {
  if (/^\d+$/.test(version)) return Number(version);
  throw new InvalidInputError(`Parameter 'version' must be an integer, got '${version}'.`);
}

/** @throws InvalidInputError for aliases that MLflow refuses */
export function checkMlflowAlias(alias: string): string {
  if (!/^[\w-]+$/.test(alias)) {
    throw new InvalidInputError(
      `Invalid alias name: '${alias}'. Names may only contain alphanumerics, underscores (_), and dashes (-).`,
    );
  }
  if (alias.length > 255) {
    throw new InvalidInputError("'Registered model alias name' exceeds the maximum length of 255 characters");
  }
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
export function checkMlflowTag(key: string, value: string): void {
  if (key.length > 250) throw new InvalidInputError("'key' exceeds the maximum length of 250 characters");
  if (value.length > 100_000) {
    throw new InvalidInputError("'value' exceeds the maximum length of 100000 characters");
  }
}
