import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda';
import { fromStreamImage, makeOutbox } from '../../../adapters/dynamodb/outbox.ts';
import { makeEventBus } from '../../../adapters/eventbridge/event-bus.ts';
import { readEnvironment } from '../../../adapters/lambda/environment.ts';
import { logger } from '../../../adapters/lambda/logger.ts';
import { makeAuditLog } from '../../../adapters/s3/audit-log.ts';
import { relayEvent } from '../../../domain/governance/relay-event.ts';
import { environment } from './environment.ts';

const env = readEnvironment(environment);
const deps = {
  bus: makeEventBus(env.PLATFORM_BUS_NAME, env.INSTALLATION),
  audit: makeAuditLog(env.AUDIT_BUCKET_NAME),
  outbox: makeOutbox(env.PLATFORM_TABLE_NAME),
};

/**
 * Relays the event items that the table's filtered stream passes, in order. The first that fails is reported:
 * Lambda repeats from there, splits the batch, and in the end puts the poisoned record aside in S3.
 */
export async function handler(stream: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> {
  for (const record of stream.Records) {
    try {
      const image = record.dynamodb?.NewImage as Record<string, AttributeValue>;
      await relayEvent(deps, fromStreamImage(image));
    } catch (error) {
      logger.error('event not relayed', { eventID: record.eventID, error: error as Error });
      return { batchItemFailures: [{ itemIdentifier: record.dynamodb?.SequenceNumber ?? '' }] };
    }
  }
  return { batchItemFailures: [] };
}
