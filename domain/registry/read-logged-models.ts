import type { LoggedModelStore } from '../tracking/logged-models/ports.ts';
import type { LoggedModelReader } from './ports.ts';
import { toPrefix } from './read-runs.ts';

/** Logged models of the tracking capability as sources of versions. */
export function createLoggedModelReader(models: Pick<LoggedModelStore, 'find'>): LoggedModelReader {
  return {
    async find(tenant, modelId) {
      const { model } = (await models.find(tenant, modelId)) ?? {};
      if (model === undefined || model.lifecycleStage === 'deleted') return undefined;
      const { artifactUri, sourceRunId } = model;
      // Empty when no run made it.
      const runId = sourceRunId === '' ? undefined : sourceRunId;
      return { prefix: toPrefix(tenant, artifactUri), artifactUri, runId };
    },
  };
}
