import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { createDeliveryQueue } from '../../../../adapters/sqs/delivery-queue.ts';

const client = new SQSClient({ region: 'us-east-1' });
const sqs = mockClient(client);
const requests = Array.from({ length: 11 }, (_, index) => ({
  ...{ tenant: 'acme', webhookId: `whk_${index}`, eventId: 'evt_1' },
}));

beforeEach(() => sqs.reset());

describe('the queue of deliveries', () => {
  it('takes ten messages a call, each with its delay', async () => {
    sqs.on(SendMessageBatchCommand).resolves({});

    await createDeliveryQueue('url', client).send(requests, 900);

    const entries = sqs.commandCalls(SendMessageBatchCommand).map(({ args }) => args[0].input.Entries);
    expect(entries.map((each) => each?.length)).toEqual([10, 1]);
    expect(entries[1]?.[0]).toEqual({
      ...{ Id: '0', DelaySeconds: 900, MessageBody: JSON.stringify(requests[10]) },
    });
  });

  it('sends nothing when there is nothing, and fails when a message was not taken', async () => {
    sqs.on(SendMessageBatchCommand).resolves({
      Failed: [{ Id: '0', Code: 'InternalError', SenderFault: false }],
    });
    const queue = createDeliveryQueue('url', client);

    await queue.send([]);

    expect(sqs.calls()).toHaveLength(0);
    await expect(queue.send(requests.slice(0, 1))).rejects.toThrow('InternalError');
  });
});
