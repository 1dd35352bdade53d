import { setTimeout } from 'node:timers/promises';
import {
  DeleteTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  ListTablesCommand,
  UpdateTableCommand,
} from '@aws-sdk/client-dynamodb';
import {
  DescribeKeyCommand,
  KMSClient,
  ListKeysCommand,
  ListResourceTagsCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms';
import {
  DeleteBucketCommand,
  DeleteObjectsCommand,
  ListBucketsCommand,
  ListObjectVersionsCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { DeleteParameterCommand, GetParametersCommand, SSMClient } from '@aws-sdk/client-ssm';

/** What outlives an installation's stacks. */
export interface RetainedData {
  readonly tables: readonly string[];
  readonly buckets: readonly string[];
  readonly keys: readonly string[];
  /** SecureStrings that the platform made itself, without which what they seal in a table cannot be read. */
  readonly parameters: readonly string[];
}

const TAG = 'perennial:installation';
/** The shortest time AWS waits before it destroys a key. */
const KEY_WAIT_DAYS = 7;

const dynamo = new DynamoDBClient({});
const s3 = new S3Client({ forcePathStyle: true });
const kms = new KMSClient({});
const ssm = new SSMClient({});

/** The installation's tables, buckets and keys, also those of stacks that are gone. */
export async function findRetainedData(installation: string): Promise<RetainedData> {
  const [tables, buckets, keys, parameters] = await Promise.all([
    findTables(installation),
    findBuckets(installation),
    findKeys(installation),
    findParameters(installation),
  ]);
  return { tables, buckets, keys, parameters };
}

/** Deletes it for good; audit entries under governance are passed over, under compliance they refuse. */
export async function deleteRetainedData(data: RetainedData): Promise<void> {
  const { tables, buckets, keys, parameters } = data;
  for (const table of tables) await deleteTable(table);
  for (const bucket of buckets) await deleteBucket(bucket);
  for (const KeyId of keys) {
    await kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: KEY_WAIT_DAYS }));
    console.log(`deleted in ${KEY_WAIT_DAYS} days: key ${KeyId}`);
  }
  for (const Name of parameters) {
    await ssm.send(new DeleteParameterCommand({ Name }));
    console.log(`deleted: parameter ${Name}`);
  }
}

/** By name: CloudFormation begins it with the stack and the construct, so no other installation's can match. */
async function findTables(installation: string): Promise<string[]> {
  const ours = new RegExp(`^${installation}-State-(Platform|Tracking|Measurement)Table`);
  const found: string[] = [];
  let start: string | undefined;
  do {
    const page = await dynamo.send(new ListTablesCommand({ ExclusiveStartTableName: start }));
    found.push(...(page.TableNames ?? []).filter((name) => ours.test(name)));
    start = page.LastEvaluatedTableName;
  } while (start !== undefined);
  return found;
}

async function findBuckets(installation: string): Promise<string[]> {
  const ours = new RegExp(`^${installation}-state-(artifact|dataset|capture|audit|failure)bucket`);
  const { Buckets = [] } = await s3.send(new ListBucketsCommand({}));
  return Buckets.map(({ Name = '' }) => Name).filter((name) => ours.test(name));
}

/** The key that seals the secrets of webhooks; there is none while nobody gave one. */
async function findParameters(installation: string): Promise<string[]> {
  const Names = [`/perennial/${installation}/registry/webhook-key`];
  const { Parameters = [] } = await ssm.send(new GetParametersCommand({ Names }));
  return Parameters.map(({ Name = '' }) => Name);
}

/** By tag: a key has no name. */
async function findKeys(installation: string): Promise<string[]> {
  const found: string[] = [];
  const { Keys = [] } = await kms.send(new ListKeysCommand({ Limit: 1000 }));
  for (const { KeyId } of Keys) {
    const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId }));
    if (KeyMetadata?.KeyManager !== 'CUSTOMER' || KeyMetadata.KeyState !== 'Enabled') continue;
    const { Tags } = await kms.send(new ListResourceTagsCommand({ KeyId }));
    if (Tags?.some(({ TagKey, TagValue }) => TagKey === TAG && TagValue === installation)) found.push(KeyId!);
  }
  return found;
}

async function deleteTable(TableName: string): Promise<void> {
  await dynamo.send(new UpdateTableCommand({ TableName, DeletionProtectionEnabled: false }));
  // The table is UPDATING for a moment and refuses to be deleted meanwhile.
  for (let status = ''; status !== 'ACTIVE'; await setTimeout(500)) {
    const { Table } = await dynamo.send(new DescribeTableCommand({ TableName }));
    status = Table?.TableStatus ?? 'ACTIVE';
  }
  await dynamo.send(new DeleteTableCommand({ TableName }));
  console.log(`deleted: table ${TableName}`);
}

async function deleteBucket(Bucket: string): Promise<void> {
  for (;;) {
    const page = await s3.send(new ListObjectVersionsCommand({ Bucket }));
    const versions = [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])];
    if (versions.length === 0) break;
    const { Errors = [] } = await s3.send(
      new DeleteObjectsCommand({
        Bucket,
        Delete: { Objects: versions.map(({ Key, VersionId }) => ({ Key, VersionId })), Quiet: true },
        BypassGovernanceRetention: true,
      }),
    );
    if (Errors[0]) throw new Error(`Cannot empty ${Bucket}: ${Errors[0].Key}: ${Errors[0].Message}`);
  }
  await s3.send(new DeleteBucketCommand({ Bucket }));
  console.log(`deleted: bucket ${Bucket}`);
}
