import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import {
  CreateAliasCommand,
  InvokeCommand,
  LambdaClient,
  PublishVersionCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { DescribeExecutionCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { synthesize } from '../../local/assembly.ts';
import { clientSettings } from '../../local/aws-clients.ts';
import { bootstrap, deploy } from '../../local/deployment.ts';
import { type Emulator, startEmulator } from '../../local/emulator.ts';
import { type FrontDoor, openFrontDoor } from '../../local/front-door.ts';
import { isGroupAlive } from '../../local/process-group.ts';
import { workspaceAt } from '../../local/workspace.ts';

const port = 4711;
let directory: string;
let emulator: Emulator;
let door: FrontDoor;
let names: Record<string, string>;
const settings = clientSettings(`https://127.0.0.1:${port}`);
const lambda = new LambdaClient(settings);
const s3 = new S3Client(settings);
const logs = new CloudWatchLogsClient(settings);
const dynamodb = new DynamoDBClient(settings);

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'local-cloud-'));
  const workspace = workspaceAt(directory);
  emulator = await startEmulator({ directory, port });
  const app = { directory: join(import.meta.dirname, 'local-cloud'), context: {} };
  const digest = await synthesize(workspace, app);
  await bootstrap(workspace, emulator);
  await deploy(workspace, emulator, digest);
  names = await readOutputs();
  door = await openFrontDoor({
    port: 0,
    upstreamUrl: `${emulator.endpointUrl}/_aws/execute-api/${names.Api}/$default`,
    authority: await readFile(emulator.caFile, 'utf8'),
  });
  return async () => {
    await door.close();
    await emulator.stop();
  };
});

afterAll(() => rm(directory, { recursive: true, force: true }));

async function readOutputs(): Promise<Record<string, string>> {
  const client = new CloudFormationClient(settings);
  const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: 'local-cloud-fixture' }));
  const outputs = Stacks?.[0]?.Outputs ?? [];
  return Object.fromEntries(
    outputs.map((it) => [it.OutputKey?.replace(/Name$/, '') ?? '', it.OutputValue ?? '']),
  );
}

async function invoke(payload: object, qualifier?: string) {
  const answer = await lambda.send(
    new InvokeCommand({
      FunctionName: names.Answer,
      Payload: JSON.stringify(payload),
      ...(qualifier === undefined ? {} : { Qualifier: qualifier }),
    }),
  );
  const body = JSON.parse(Buffer.from(answer.Payload ?? []).toString()) as Record<string, string>;
  return { error: answer.FunctionError, version: answer.ExecutedVersion, body };
}

async function eventually<Value>(read: () => Promise<Value | undefined>): Promise<Value> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const value = await read();
    if (value !== undefined) return value;
    await sleep(200);
  }
  throw new Error('did not happen within 20 s');
}

async function logLines(group: string | undefined): Promise<string[]> {
  const { events = [] } = await logs.send(new FilterLogEventsCommand({ logGroupName: group }));
  return events.map((event) => event.message ?? '');
}

async function findObject(prefix: string, part: string): Promise<string | undefined> {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: names.Bucket, Prefix: prefix }));
  for (const { Key } of Contents) {
    const object = await s3.send(new GetObjectCommand({ Bucket: names.Bucket, Key }));
    const bytes = Buffer.from((await object.Body?.transformToByteArray()) ?? []);
    const text = (bytes[0] === 0x1f ? gunzipSync(bytes) : bytes).toString();
    if (text.includes(part)) return text;
  }
  return undefined;
}

describe('functions', () => {
  it.each([
    ['throw', 'PoisonedError', 'error'],
    ['exit', 'Runtime.ExitError', 'error'],
    ['hang', 'Sandbox.Timedout', 'timeout'],
  ])('that %s fail with %s, and the platform log says so', async (say, errorType, status) => {
    const answer = await invoke({ say });

    expect(answer).toMatchObject({ error: 'Unhandled', body: { errorType } });
    const reports = (await logLines(names.Captured)).filter((line) => line.includes('platform.report'));
    expect(reports.map((line) => JSON.parse(line).record)).toContainEqual(
      expect.objectContaining({ status, errorType }),
    );
  });

  it('may do only what their role allows', async () => {
    const answer = await invoke({ say: 'list buckets' });

    expect(answer.body).toMatchObject({ errorType: 'AccessDenied' });
  });

  it('share the calls of an alias by its weights', async () => {
    const first = await lambda.send(new PublishVersionCommand({ FunctionName: names.Answer }));
    await lambda.send(
      new UpdateFunctionConfigurationCommand({ FunctionName: names.Answer, Description: 'another' }),
    );
    const second = await lambda.send(new PublishVersionCommand({ FunctionName: names.Answer }));
    const RoutingConfig = { AdditionalVersionWeights: { [second.Version ?? '']: 0.5 } };
    const alias = { FunctionName: names.Answer, Name: 'live', FunctionVersion: first.Version, RoutingConfig };
    await lambda.send(new CreateAliasCommand(alias));

    const answers = [];
    for (let call = 0; call < 40; call += 1) answers.push(await invoke({}, 'live'));

    expect(answers.every((answer) => answer.body.version === answer.version)).toBe(true);
    // The chance that one of two gets fewer than 8 of 40 is 1 in 10,000.
    const secondCalls = answers.filter((answer) => answer.version === second.Version).length;
    expect(secondCalls).toBeGreaterThan(7);
    expect(secondCalls).toBeLessThan(33);
  });
});

describe('log subscription', () => {
  it('delivers what functions write to S3, in the envelope of their log stream', async () => {
    await invoke({ say: 'a line to capture' });

    const object = await eventually(() => findObject('capture/', 'a line to capture'));

    expect(object).toContain('"messageType": "DATA_MESSAGE"');
    expect(object).toMatch(
      new RegExp(`"logStream": "\\d{4}/\\d\\d/\\d\\d/${names.Answer}\\[\\$LATEST\\][0-9a-f]{32}"`),
    );
  });
});

describe('table stream', () => {
  it('puts a poisoned record aside and goes on with the next', async () => {
    for (const pk of ['event#1', 'other#poison', 'event#poison', 'event#2']) {
      await dynamodb.send(new PutItemCommand({ TableName: names.Table, Item: { pk: { S: pk } } }));
    }

    const record = JSON.parse(await eventually(() => findObject('aws/lambda/', 'event#poison')));

    expect(record).toMatchObject({
      requestContext: { condition: 'RetryAttemptsExhausted' },
      DDBStreamBatchInfo: { batchSize: 1 },
    });
  });
});

describe('event bus policy', () => {
  it("admits a principal's own source and refuses another", async () => {
    const entry = (Source: string) => ({ EventBusName: names.Bus, Source, DetailType: 'X', Detail: '{}' });

    const own = await invoke({ entries: [entry('tenant.acme')] });
    const other = await invoke({ entries: [entry('tenant.acme'), entry('tenant.other')] });

    expect(own.error).toBeUndefined();
    expect(other.body).toMatchObject({ errorType: 'AccessDeniedException' });
  });
});

describe('state machine', () => {
  it('fails when its role may not do what a task asks for', async () => {
    const client = new SFNClient(settings);
    const { executionArn } = await client.send(new StartExecutionCommand({ stateMachineArn: names.Machine }));

    const execution = await eventually(async () => {
      const described = await client.send(new DescribeExecutionCommand({ executionArn }));
      return described.status === 'RUNNING' ? undefined : described;
    });

    expect(execution).toMatchObject({ status: 'FAILED', error: 'Lambda.AWSLambdaException' });
    expect(execution.cause).toContain('not authorized to perform: lambda:InvokeFunction');
  });
});

describe('HTTP API', () => {
  it('asks the authorizer, and hands the decoded path on', async () => {
    const answers = await Promise.all(
      [{}, { authorization: 'Bearer bad' }, { authorization: 'Bearer good' }].map((headers) =>
        fetch(`${door.url}/closed/a%2Fb`, { headers }),
      ),
    );

    expect(answers.map((answer) => answer.status)).toEqual([401, 403, 200]);
    expect(await answers[0]?.json()).toEqual({ message: 'Unauthorized' });
    expect(await logLines(names.Captured)).toContain('{"captured":"/closed/a/b"}');
  });

  it('writes an access log with the tenant and the request id of the function', async () => {
    const answer = await fetch(`${door.url}/closed/x`, { headers: { authorization: 'Bearer good' } });

    const { requestId } = (await answer.json()) as { requestId: string };
    const line = JSON.stringify({ id: requestId, tenant: 'acme', status: '200' });
    expect(await logLines(names.AccessLog)).toContain(line);
    expect(answer.headers.get('apigw-requestid')).toBe(requestId);
  });
});

describe('emulator', () => {
  it('keeps what was written some seconds before a kill, and leaves no process behind', async () => {
    const key = { pk: { S: 'kept' } };
    await dynamodb.send(new PutItemCommand({ TableName: names.Table, Item: key }));
    await invoke({ say: 'be warm' });
    await sleep(8000);

    await emulator.kill();
    const isAlive = isGroupAlive(emulator.pid);
    emulator = await startEmulator({ directory, port });

    const { Item } = await dynamodb.send(new GetItemCommand({ TableName: names.Table, Key: key }));
    expect([isAlive, Item]).toEqual([false, key]);
    expect((await invoke({ say: 'hello again' })).error).toBeUndefined();
  });
});
