import type { Context } from 'aws-lambda';
import { createLabelJoin } from '../../../adapters/duckdb/label-join.ts';
import { createDynamoStore } from '../../../adapters/dynamodb/dynamo-store.ts';
import { makeSystemContext } from '../../../adapters/lambda/call-context.ts';
import { readEnvironment } from '../../../adapters/lambda/environment.ts';
import { logger } from '../../../adapters/lambda/logger.ts';
import { createArtifactStorage } from '../../../adapters/s3/artifact-storage.ts';
import { listAllEndpoints } from '../../../domain/deployment/read-endpoints.ts';
import { evaluatePerformance } from '../../../domain/monitoring/evaluate-performance.ts';
import { watchedEndpoints } from '../../../domain/monitoring/watched-endpoints.ts';
import { createRegistryReader } from '../../../domain/registry/read-registry.ts';
import { environment } from './environment.ts';

const env = readEnvironment(environment);
const store = createDynamoStore({ tableName: env.PLATFORM_TABLE_NAME });
const deps = {
  store,
  labels: createLabelJoin(createArtifactStorage(env.CAPTURE_BUCKET_NAME)),
  registry: createRegistryReader(store),
};

/** On a schedule: measures every watched endpoint that got new labels. No new labels is the normal case. */
export async function handler(_event: unknown, lambda: Context): Promise<{ readonly measured: number }> {
  const failures: unknown[] = [];
  let measured = 0;
  for await (const { tenant, endpoint, monitor } of watchedEndpoints(
    store,
    listAllEndpoints,
    new Date().toISOString(),
  )) {
    const context = makeSystemContext(tenant, 'system:evaluate-performance', lambda.awsRequestId);
    const subject = { endpoint: endpoint.name, model: endpoint.model, monitor };
    try {
      measured += await evaluatePerformance(deps, context, subject);
    } catch (error) {
      logger.error('endpoint not measured', { tenant, endpoint: endpoint.name, error: error as Error });
      failures.push(error);
    }
  }
  if (failures.length > 0)
    throw new AggregateError(failures, `${failures.length} endpoints could not be measured.`);
  return { measured };
}
