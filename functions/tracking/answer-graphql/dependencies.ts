import { createDynamoStore } from '../../../adapters/dynamodb/dynamo-store.ts';
import { createRunStore } from '../../../adapters/dynamodb/runs/run-store.ts';
import { readEnvironment } from '../../../adapters/lambda/environment.ts';
import { makeTenantThrottle } from '../../../adapters/lambda/tenant-throttle.ts';
import { createArtifactFiles } from '../../../adapters/s3/artifact-files.ts';
import { environment } from './environment.ts';

const env = readEnvironment(environment);

/** What the resolvers of this function share, made once per environment. */
export const store = createDynamoStore({ tableName: env.PLATFORM_TABLE_NAME });
export const runs = createRunStore({
  trackingTableName: env.TRACKING_TABLE_NAME,
  platformTableName: env.PLATFORM_TABLE_NAME,
});
export const files = createArtifactFiles(env.ARTIFACT_BUCKET_NAME);
export const throttle = makeTenantThrottle(env);
