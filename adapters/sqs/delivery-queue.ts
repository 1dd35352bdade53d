import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { DeliveryQueue, DeliveryRequest } from '../../domain/registry/webhooks/ports.ts';

/** SQS takes so many messages a call. */
const BATCH = 10;
/** By the region's endpoint: a queue's URL is its name, and the client warns when the two differ. */
const defaultClient = new SQSClient({ useQueueUrlAsEndpoint: false });

/** Delivery requests as messages of a queue, which holds them back for up to 900 s. */
export function createDeliveryQueue(queueUrl: string, client: SQSClient = defaultClient): DeliveryQueue {
  return {
    send: async (requests, delaySeconds = 0) => {
      for (let start = 0; start < requests.length; start += BATCH) {
        await sendBatch(client, queueUrl, requests.slice(start, start + BATCH), delaySeconds);
      }
    },
  };
}

async function sendBatch(
  client: SQSClient,
  queueUrl: string,
  requests: readonly DeliveryRequest[],
  delaySeconds: number,
): Promise<void> {
  const { Failed = [] } = await client.send(
    new SendMessageBatchCommand({
      QueueUrl: queueUrl,
      Entries: requests.map((request, index) => ({
        Id: String(index),
        MessageBody: JSON.stringify(request),
        DelaySeconds: delaySeconds,
      })),
    }),
  );
  if (Failed[0] !== undefined)
    throw new Error(`SQS did not take ${Failed.length} deliveries: ${Failed[0].Code}`);
}
