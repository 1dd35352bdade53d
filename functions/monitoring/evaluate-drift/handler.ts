import type { Context } from 'aws-lambda';
import { createDynamoStore } from '../../../adapters/dynamodb/dynamo-store.ts';
import { makeObservationSource } from '../../../adapters/dynamodb/observation-source.ts';
import { createWindowStore } from '../../../adapters/dynamodb/window-store.ts';
import { makeSystemContext } from '../../../adapters/lambda/call-context.ts';
import { readEnvironment } from '../../../adapters/lambda/environment.ts';
import { logger } from '../../../adapters/lambda/logger.ts';
import { createArtifactStorage } from '../../../adapters/s3/artifact-storage.ts';
import { createVersionShapes } from '../../../adapters/s3/version-shapes.ts';
import { listAllEndpoints, readEndpoints } from '../../../domain/deployment/read-endpoints.ts';
import { evaluateDrift } from '../../../domain/monitoring/evaluate-drift.ts';
import { watchedEndpoints } from '../../../domain/monitoring/watched-endpoints.ts';
import { createRegistryReader } from '../../../domain/registry/read-registry.ts';
import { environment } from './environment.ts';

const env = readEnvironment(environment);
const store = createDynamoStore({ tableName: env.PLATFORM_TABLE_NAME });
const deps = {
  store,
  windows: createWindowStore(env.MEASUREMENT_TABLE_NAME),
  shapes: createVersionShapes({
    endpoints: readEndpoints(store),
    registry: createRegistryReader(store),
    artifacts: createArtifactStorage(env.ARTIFACT_BUCKET_NAME),
  }),
};
const observations = makeObservationSource({
  tableName: env.MEASUREMENT_TABLE_NAME,
  lagSeconds: env.OBSERVATION_LAG_SECONDS,
});

/**
 * On a schedule: judges the windows that have closed on every watched endpoint. One endpoint's failure does not
 * hold up the others; the next evaluation looks at it again.
 */
export async function handler(_event: unknown, lambda: Context): Promise<{ readonly judged: number }> {
  const now = new Date();
  const failures: unknown[] = [];
  let judged = 0;
  for await (const { tenant, endpoint, monitor } of watchedEndpoints(
    store,
    listAllEndpoints,
    now.toISOString(),
  )) {
    if (endpoint.version === null) continue;
    const context = makeSystemContext(tenant, 'system:evaluate-drift', lambda.awsRequestId);
    const watermark = await observations.getWatermark(tenant, endpoint.name, now.getTime());
    try {
      const ignore = endpoint.capture?.drop ?? [];
      const subject = { endpoint: endpoint.name, version: endpoint.version, monitor, watermark, ignore };
      judged += await evaluateDrift(deps, context, subject);
    } catch (error) {
      logger.error('endpoint not judged', { tenant, endpoint: endpoint.name, error: error as Error });
      failures.push(error);
    }
  }
  if (failures.length > 0)
    throw new AggregateError(failures, `${failures.length} endpoints could not be judged.`);
  return { judged };
}
