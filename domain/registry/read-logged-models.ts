import type { LoggedModelReader } from './ports.ts';
import { toPrefix } from './read-runs.ts';

/** What the registry reads of the tracking capability's store of logged models. */
export interface LoggedModelFinder {
  find(
    tenant: string,
    modelId: string,
  ): Promise<
    | {
        readonly model: {
          readonly artifactUri: string;
          /** Empty when no run made it. */
          readonly sourceRunId: string;
          readonly lifecycleStage: 'active' | 'deleted';
        };
      }
    | undefined
  >;
}

/** Logged models of the tracking capability as sources of versions. */
export function createLoggedModelReader(models: LoggedModelFinder): LoggedModelReader {
  return {
    async find(tenant, modelId) {
      const { model } = (await models.find(tenant, modelId)) ?? {};
      if (model === undefined || model.lifecycleStage === 'deleted') return undefined;
      const { artifactUri, sourceRunId } = model;
      const runId = sourceRunId === '' ? undefined : sourceRunId;
      return { prefix: toPrefix(tenant, artifactUri), artifactUri, runId };
    },
  };
}
