import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { createCommittedEvents } from '../../../adapters/dynamodb/committed-events.ts';
import { createDynamoStore } from '../../../adapters/dynamodb/dynamo-store.ts';
import { createReceiverNetwork } from '../../../adapters/https/receiver-network.ts';
import { makeSystemContext } from '../../../adapters/lambda/call-context.ts';
import { readEnvironment } from '../../../adapters/lambda/environment.ts';
import { logger } from '../../../adapters/lambda/logger.ts';
import { createDeliveryQueue } from '../../../adapters/sqs/delivery-queue.ts';
import { createSecretBox } from '../../../adapters/ssm/secret-box.ts';
import { attemptDelivery } from '../../../domain/registry/webhooks/attempt-delivery.ts';
import { deliveryMessage } from '../../../domain/registry/webhooks/delivery-message.ts';
import { planDeliveries } from '../../../domain/registry/webhooks/plan-deliveries.ts';
import { environment } from './environment.ts';

const env = readEnvironment(environment);
const deps = {
  store: createDynamoStore({ tableName: env.PLATFORM_TABLE_NAME }),
  events: createCommittedEvents(env.PLATFORM_TABLE_NAME),
  secrets: createSecretBox(env.WEBHOOK_KEY_PARAMETER),
  network: createReceiverNetwork({ allowed: env.WEBHOOK_RECEIVERS }),
  queue: createDeliveryQueue(env.DELIVERY_QUEUE_URL),
  random: Math.random,
};

/**
 * Takes from the queue what the bus put there, an event for webhooks to be found, and what this function put
 * there itself, one delivery to be attempted. A receiver's failure is no failure here: it is written down, and
 * its next attempt is another message. What is reported is the platform's own, and comes again.
 */
export async function handler(event: SQSEvent, lambda: Context): Promise<SQSBatchResponse> {
  const failed = await Promise.all(event.Records.map((record) => deliver(record, lambda.awsRequestId)));
  return { batchItemFailures: failed.filter((failure) => failure !== undefined) };
}

async function deliver({ messageId, body }: SQSRecord, requestId: string) {
  try {
    const message = deliveryMessage.parse(JSON.parse(body));
    if (message.kind === 'event') await planDeliveries(deps, message.event);
    else {
      const context = makeSystemContext(message.request.tenant, 'system:deliver-webhooks', requestId);
      await attemptDelivery(deps, context, message.request);
    }
    return undefined;
  } catch (error) {
    logger.error('webhook not delivered', { messageId, error: error as Error });
    return { itemIdentifier: messageId };
  }
}
