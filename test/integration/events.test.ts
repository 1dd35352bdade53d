import { DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import {
  DeleteRuleCommand,
  EventBridgeClient,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import {
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { invokeFunction, readShared, rootSettings } from '../support/aws.ts';
import { CloudCaller } from '../support/cloud-caller.ts';
import { buildLookup } from '../support/lookup-model.ts';
import { useCloud } from '../support/shared-cloud.ts';

const getCloud = useCloud();
const RULE = { EventBusName: 'perennial-platform', Name: 'test-listens' };
let caller: CloudCaller;
let clients: ReturnType<typeof makeClients>;
let queueUrl: string;
let auditBucket: string;

function makeClients() {
  const settings = rootSettings(getCloud());
  return {
    s3: new S3Client(settings),
    sqs: new SQSClient(settings),
    dynamodb: new DynamoDBClient(settings),
    events: new EventBridgeClient(settings),
  };
}

/** A platform team's rule, with a queue behind it. */
beforeAll(async () => {
  clients = makeClients();
  caller = await CloudCaller.forNewTenant(getCloud(), 'events');
  auditBucket = await readShared(getCloud(), 'state/audit-bucket-name');
  const { sqs, events } = clients;
  queueUrl = (await sqs.send(new CreateQueueCommand({ QueueName: 'test-listens' }))).QueueUrl ?? '';
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ['QueueArn'] }),
  );
  const EventPattern = JSON.stringify({ detail: { tenant: [caller.tenant] } });
  await events.send(new PutRuleCommand({ ...RULE, EventPattern }));
  const target = { Id: 'queue', Arn: Attributes?.QueueArn };
  await events.send(
    new PutTargetsCommand({ EventBusName: RULE.EventBusName, Rule: RULE.Name, Targets: [target] }),
  );
});

afterAll(async () => {
  const rule = { EventBusName: RULE.EventBusName, Rule: RULE.Name };
  await clients.events.send(new RemoveTargetsCommand({ ...rule, Ids: ['queue'] }));
  await clients.events.send(new DeleteRuleCommand(RULE));
  await clients.sqs.send(new DeleteQueueCommand({ QueueUrl: queueUrl }));
});

async function createModel(name: string): Promise<void> {
  const { status } = await caller.call('POST', '/api/v1/models', { name });
  expect(status).toBe(201);
}

interface AuditEntry {
  readonly eventId: string;
  readonly occurredAt: string;
}

/** The audit of one resource as the API tells it, and where S3 has it. */
async function readAudit(resource: string): Promise<AuditEntry & { readonly key: string }> {
  const path = `/api/v1/audit?resource=${encodeURIComponent(resource)}`;
  const { body } = await caller.call('GET', path, undefined, 'admin');
  const [entry] = body.items;
  const day = entry.occurredAt.slice(0, 10).replaceAll('-', '/');
  return { ...entry, key: `audit/${caller.tenant}/${day}/${entry.eventId}.json` };
}

async function listVersions(key: string) {
  const command = new ListObjectVersionsCommand({ Bucket: auditBucket, Prefix: key });
  return (await clients.s3.send(command)).Versions ?? [];
}

describe('a change of state', () => {
  it('is on the platform bus with who, what and when', async () => {
    await createModel('told');

    const detail = await expect
      .poll(async () => (await receive()).find(({ resource }) => resource === 'models/told'), {
        timeout: 60_000,
      })
      .toBeDefined()
      .then(() => received.find(({ resource }) => resource === 'models/told'));

    const { eventId, occurredAt } = await readAudit('models/told');
    expect(detail).toMatchObject({
      ...{ eventId, occurredAt, tenant: caller.tenant, resource: 'models/told', sequence: 1 },
      ...{ installation: 'perennial', actor: expect.stringMatching(/^tok_/), requestId: expect.any(String) },
      data: expect.any(Object),
    });
  });

  it('is in the audit for good, without its values', async () => {
    await createModel('kept');
    const { key, eventId } = await readAudit('models/kept');
    await expect.poll(() => listVersions(key), { timeout: 60_000 }).toHaveLength(1);

    const [version] = await listVersions(key);
    const target = { Bucket: auditBucket, Key: key, VersionId: version?.VersionId };
    const deleting = clients.s3.send(new DeleteObjectCommand(target));

    await expect(deleting).rejects.toMatchObject({ name: 'AccessDenied' });
    const stored = await clients.s3.send(new GetObjectCommand(target));
    const entry = JSON.parse((await stored.Body?.transformToString()) ?? '{}');
    expect(entry).toMatchObject({ eventId, resource: 'models/kept', changed: expect.any(Array) });
    expect(Object.keys(entry)).not.toContain('data');
  });

  it('is audited once even when it is relayed again', async () => {
    await createModel('twice');
    const { key, eventId } = await readAudit('models/twice');
    await expect.poll(() => listVersions(key), { timeout: 60_000 }).toHaveLength(1);

    const answer = await relayAgain(eventId);

    expect(answer).toEqual({ batchItemFailures: [] });
    expect(await listVersions(key)).toHaveLength(1);
  });
});

const received: { resource: string }[] = [];

async function receive() {
  const command = new ReceiveMessageCommand({
    ...{ QueueUrl: queueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 },
  });
  const { Messages = [] } = await clients.sqs.send(command);
  received.push(...Messages.map(({ Body = '{}' }) => JSON.parse(Body).detail));
  return received;
}

async function relayAgain(eventId: string): Promise<unknown> {
  const TableName = await readShared(getCloud(), 'state/platform-table-name');
  const Key = { pk: { S: `event#${caller.tenant}#${eventId}` }, sk: { S: '#' } };
  const { Item } = await clients.dynamodb.send(new GetItemCommand({ TableName, Key }));
  const record = { eventID: 'again', dynamodb: { NewImage: Item, SequenceNumber: '1' } };
  return invokeFunction(getCloud(), 'RelayEvents', { Records: [record] });
}

describe('a poisoned event record', () => {
  it('is put aside in the failure bucket, and the relay goes on', async () => {
    const pk = `event#${caller.tenant}#poison`;
    const TableName = await readShared(getCloud(), 'state/platform-table-name');
    const Bucket = await readShared(getCloud(), 'state/failure-bucket-name');

    await clients.dynamodb.send(
      new PutItemCommand({ TableName, Item: { pk: { S: pk }, sk: { S: '#' }, event: { N: '1' } } }),
    );
    await createModel('behind-it');

    const { key } = await readAudit('models/behind-it');
    await expect.poll(() => listVersions(key), { timeout: 60_000 }).toHaveLength(1);
    await expect.poll(() => findRecord(Bucket, pk), { timeout: 60_000 }).toContain('RetryAttemptsExhausted');
  });
});

async function findRecord(Bucket: string, part: string): Promise<string> {
  const { Contents = [] } = await clients.s3.send(
    new ListObjectsV2Command({ Bucket, Prefix: 'aws/lambda/' }),
  );
  for (const { Key } of Contents) {
    const stored = await clients.s3.send(new GetObjectCommand({ Bucket, Key }));
    const text = (await stored.Body?.transformToString()) ?? '';
    if (text.includes(part)) return text;
  }
  return '';
}

describe('captures that landed', () => {
  it('are counted once when they are announced twice', async () => {
    await caller.register('lookup', buildLookup([1, 2, 3]), {
      input: { task: 'regression', signature: { inputs: [{ name: 'x', type: 'long' }] } },
    });
    await caller.serve('elsewhere', 'lookup', { target: 'external' });
    const path = '/api/v1/endpoints/elsewhere';
    const predictions = [1, 2, 3].map((x) => ({ version: 1, features: { x }, prediction: x }));
    await caller.call('POST', `${path}/predictions`, { predictions }, 'invoker');
    const before = await caller.until(`${path}/metrics`, ({ body }) => body.versions[0]?.rows === 3);

    await announceAgain();
    const after = await caller.call('GET', `${path}/metrics`);

    const withoutTime = ({ versions }: { versions: { requestsPerMinute: number }[] }) => versions;
    expect(withoutTime(after.body)).toEqual(withoutTime(before.body));
    expect(after.body.versions[0]).toMatchObject({ requests: 3, rows: 3, loss: { repeats: 0 } });
  });
});

/** Sends S3's notification of every landed object of external predictions a second time, and waits. */
async function announceAgain(): Promise<void> {
  const { s3, sqs } = clients;
  const Bucket = await readShared(getCloud(), 'state/capture-bucket-name');
  const arn = await readShared(getCloud(), 'state/landing-queue-arn');
  const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: arn.split(':').at(-1) }));
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'landing/external/' }));
  const Records = Contents.map(({ Key }) => ({ s3: { bucket: { name: Bucket }, object: { key: Key } } }));
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify({ Records }) }));
  const AttributeNames = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;
  const command = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...AttributeNames] });
  const countLeft = async () => Object.values((await sqs.send(command)).Attributes ?? {}).map(Number);
  await expect.poll(countLeft, { timeout: 60_000 }).toEqual([0, 0]);
}
