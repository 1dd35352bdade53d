import type { Context } from 'aws-lambda';
import { createDynamoStore } from '../../../adapters/dynamodb/dynamo-store.ts';
import { createLoggedModelStore } from '../../../adapters/dynamodb/logged-model-store.ts';
import { createRunStore } from '../../../adapters/dynamodb/runs/run-store.ts';
import { makeSystemContext } from '../../../adapters/lambda/call-context.ts';
import { readEnvironment } from '../../../adapters/lambda/environment.ts';
import { logger } from '../../../adapters/lambda/logger.ts';
import { createArtifactStorage } from '../../../adapters/s3/artifact-storage.ts';
import { toPrefix } from '../../../domain/registry/read-runs.ts';
import { purgeDeleted } from '../../../domain/tracking/purge-deleted.ts';
import { environment } from './environment.ts';

const env = readEnvironment(environment);
const store = createDynamoStore({ tableName: env.PLATFORM_TABLE_NAME });
const tables = {
  trackingTableName: env.TRACKING_TABLE_NAME,
  platformTableName: env.PLATFORM_TABLE_NAME,
};
const runs = createRunStore(tables);
const models = createLoggedModelStore(tables);
const artifacts = createArtifactStorage(env.ARTIFACT_BUCKET_NAME);

const DAY_MS = 24 * 3600 * 1000;
/** Enough to end the removal of one run. */
const RESERVE_MS = 30_000;

/** Hourly: removes what was deleted longer ago than the retention; nothing to do is the normal case. */
export async function handler(_event: unknown, { getRemainingTimeInMillis, awsRequestId }: Context) {
  const removeFiles = async (prefix: string) => {
    const files = await artifacts.list(prefix);
    await artifacts.delete(files.map(({ path }) => `${prefix}${path}`));
  };
  const deps = {
    store,
    runs,
    models,
    removeFiles,
    removeArtifacts: async (tenant: string, artifactUri: string) => {
      const prefix = toPrefix(tenant, artifactUri);
      if (prefix !== undefined) await removeFiles(prefix);
    },
    contextFor: (tenant: string) => makeSystemContext(tenant, 'system:purge-deleted', awsRequestId),
    hasTime: () => getRemainingTimeInMillis() > RESERVE_MS,
  };
  const purged = await purgeDeleted(deps, Date.now() - env.RETENTION_DAYS * DAY_MS);
  if (purged > 0) logger.info('deleted things were removed', { purged });
  return { purged };
}
