import { createHash } from 'node:crypto';
import type { S3Event, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { createDynamoStore } from '../../../adapters/dynamodb/dynamo-store.ts';
import { createWindowStore } from '../../../adapters/dynamodb/window-store.ts';
import { readEnvironment } from '../../../adapters/lambda/environment.ts';
import { logger } from '../../../adapters/lambda/logger.ts';
import { createArtifactStorage } from '../../../adapters/s3/artifact-storage.ts';
import { createLandingZone } from '../../../adapters/s3/landing-zone.ts';
import { createRowArchive } from '../../../adapters/s3/row-archive.ts';
import { createVersionShapes } from '../../../adapters/s3/version-shapes.ts';
import { readEndpoints } from '../../../domain/deployment/read-endpoints.ts';
import { sketchCaptures } from '../../../domain/monitoring/sketch-captures.ts';
import { createRegistryReader } from '../../../domain/registry/read-registry.ts';
import { environment } from './environment.ts';

const env = readEnvironment(environment);
const store = createDynamoStore({ tableName: env.PLATFORM_TABLE_NAME });
const captures = createArtifactStorage(env.CAPTURE_BUCKET_NAME);
const endpoints = readEndpoints(store);
const deps = {
  landing: createLandingZone(captures),
  windows: createWindowStore(env.MEASUREMENT_TABLE_NAME),
  archive: createRowArchive(captures),
  shapes: createVersionShapes({
    endpoints,
    registry: createRegistryReader(store),
    artifacts: createArtifactStorage(env.ARTIFACT_BUCKET_NAME),
  }),
  served: { find: endpoints.findServed },
  nameOf: (objectKey: string) => createHash('sha256').update(objectKey).digest('hex').slice(0, 16),
};

/**
 * Reads what landed, an object a message. Deliveries repeat and come out of order; both leave the same windows.
 * An object that fails is reported by itself and goes to the dead letters after five tries.
 */
export async function handler(event: SQSEvent): Promise<SQSBatchResponse> {
  const batchItemFailures: { itemIdentifier: string }[] = [];
  for (const { messageId, body } of event.Records) {
    try {
      for (const key of readObjectKeys(body)) await sketchCaptures(deps, key);
    } catch (error) {
      logger.error('captures not read', { messageId, error: error as Error });
      batchItemFailures.push({ itemIdentifier: messageId });
    }
  }
  return { batchItemFailures };
}

/** S3 writes keys in events URL-encoded; its test message has no records. */
function readObjectKeys(body: string): string[] {
  const { Records = [] } = JSON.parse(body) as Partial<S3Event>;
  return Records.map(({ s3 }) => decodeURIComponent(s3.object.key.replaceAll('+', ' ')));
}
