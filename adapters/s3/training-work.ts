import type { ArtifactStorage } from '../../domain/registry/ports.ts';
import { workPrefix } from '../../domain/training/execution-files.ts';
import type { WorkFolders } from '../../domain/training/ports.ts';

/** Working files of executions below their prefix of the dataset bucket. */
export function createWorkFolders(files: ArtifactStorage): WorkFolders {
  return {
    remove: async (tenant, executionId) => {
      const prefix = workPrefix(tenant, executionId);
      const found = await files.list(prefix);
      await files.delete(found.map(({ path }) => `${prefix}${path}`));
    },
  };
}
