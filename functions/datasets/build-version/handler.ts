import { createRowStorage } from '../../../adapters/duckdb/row-storage.ts';
import { createDynamoStore } from '../../../adapters/dynamodb/dynamo-store.ts';
import { makeSystemContext } from '../../../adapters/lambda/call-context.ts';
import { readEnvironment } from '../../../adapters/lambda/environment.ts';
import { createArtifactStorage } from '../../../adapters/s3/artifact-storage.ts';
import { buildDatasetVersion } from '../../../domain/datasets/build-version.ts';
import type { BuildRequest } from '../../../domain/datasets/ports.ts';
import { environment } from './environment.ts';

const env = readEnvironment(environment);
const deps = {
  store: createDynamoStore({ tableName: env.PLATFORM_TABLE_NAME }),
  rows: createRowStorage({
    datasets: createArtifactStorage(env.DATASET_BUCKET_NAME),
    captures: createArtifactStorage(env.CAPTURE_BUCKET_NAME),
  }),
};

/**
 * Reads the rows of a pending version and makes it READY or REFUSED. Called by the API without waiting, and by
 * the training machine when a policy trains on what an endpoint saw.
 */
export async function handler(request: BuildRequest) {
  const context = makeSystemContext(request.tenant, request.actor, request.requestId);
  const { dataset, version, status, reasons, rows, digest, coverage } = await buildDatasetVersion(
    deps,
    context,
    request.dataset,
    request.version,
  );
  return { dataset, version, status, reasons, rows, digest, coverage };
}
