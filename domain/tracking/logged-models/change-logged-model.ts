import type { CallContext } from '../../shared/call-context.ts';
import { ConcurrentChangeError } from '../../shared/domain-error.ts';
import { type Permission, requirePermission } from '../../shared/permission.ts';
import type { Change } from '../../shared/store.ts';
import { guardExperiment } from '../experiments/experiment.ts';
import { LoggedModelNotFoundError } from './errors.ts';
import type { LoggedModel } from './logged-model.ts';
import type { LoggedModelStore, StoredLoggedModel } from './ports.ts';

/** Sixteen writers on one model meet often; each lost race costs one more read and write. */
const MAX_ATTEMPTS = 24;

export interface LoggedModelChange {
  readonly modelId: string;
  /** What was read already: spares the first read. */
  readonly found?: StoredLoggedModel | undefined;
  /** Answers the same object when there is nothing to change. */
  readonly change: (model: LoggedModel) => LoggedModel;
  /** @default EDIT */
  readonly needed?: Permission;
  /** What is committed with the model: its event, and what else the change asks for. */
  readonly also?: (model: LoggedModel, revision: number) => readonly Change[];
}

/**
 * Reads a model, changes it and saves it; repeats when somebody else was faster. Deleted ones change too, as in MLflow.
 *
 * @throws LoggedModelNotFoundError, ForbiddenError
 */
export async function changeLoggedModel(
  models: LoggedModelStore,
  context: CallContext,
  { modelId, found, change, needed = 'EDIT', also }: LoggedModelChange,
): Promise<LoggedModel> {
  let stored = found;
  for (let attempt = 1; ; attempt++) {
    const { model, revision } = stored ?? (await loadLoggedModel(models, context, modelId, needed));
    const changed = change(model);
    if (changed === model) return model;
    try {
      await models.save(context.tenant, changed, revision, also?.(changed, revision + 1));
      return changed;
    } catch (error) {
      if (!(error instanceof ConcurrentChangeError) || attempt === MAX_ATTEMPTS) throw error;
      stored = undefined;
    }
  }
}

/** The model, active or deleted. @throws LoggedModelNotFoundError, ForbiddenError */
export async function loadLoggedModel(
  models: Pick<LoggedModelStore, 'find'>,
  context: CallContext,
  modelId: string,
  needed: Permission = 'READ',
): Promise<StoredLoggedModel> {
  const stored = await models.find(context.tenant, modelId);
  if (stored === undefined) throw new LoggedModelNotFoundError(modelId);
  requirePermission(context, guardExperiment(stored.experiment), needed);
  return stored;
}

/** The model; a deleted one only when it is asked for. @throws LoggedModelNotFoundError, ForbiddenError */
export async function getLoggedModel(
  models: Pick<LoggedModelStore, 'find'>,
  context: CallContext,
  modelId: string,
  { allowDeleted = false } = {},
): Promise<LoggedModel> {
  const { model } = await loadLoggedModel(models, context, modelId);
  if (model.lifecycleStage === 'deleted' && !allowDeleted) throw new LoggedModelNotFoundError(modelId);
  return model;
}
