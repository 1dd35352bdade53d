import { ApiGatewayV2Client, GetIntegrationsCommand, GetRoutesCommand } from '@aws-sdk/client-apigatewayv2';
import { IAMClient, ListRolesCommand } from '@aws-sdk/client-iam';
import { LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { beforeAll, describe, expect, it } from 'vitest';
import { CloudCaller } from '../support/cloud-caller.ts';
import { buildTreeClassifier } from '../support/onnx-model.ts';
import { useCloud } from '../support/shared-cloud.ts';

const getCloud = useCloud();
const ROW = { inputs: [[0.1, 0.2, 0.3, 0.4]] };
let caller: CloudCaller;

beforeAll(async () => {
  caller = await CloudCaller.forNewTenant(getCloud(), 'deploying');
  for (const seed of [1, 2, 3]) await caller.register('trees', buildTreeClassifier(5, 3, 4, seed));
});

/** The account's root, to look at what is really there. */
function settings() {
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  return { endpoint: getCloud().awsEndpointUrl, region: 'us-east-1', credentials, forcePathStyle: true };
}

async function readParameter(name: string): Promise<string> {
  const command = new GetParameterCommand({ Name: `/perennial/perennial/${name}` });
  return (await new SSMClient(settings()).send(command)).Parameter?.Value ?? '';
}

async function serve(name: string, input: object = {}) {
  const body = { name, model: 'trees', version: 1, ...input };
  const created = await caller.call('POST', '/api/v1/endpoints', body);
  const settled = await caller.until(`/api/v1/endpoints/${name}`, ({ body }) => body.status !== 'CREATING');
  return { created, endpoint: settled.body };
}

const predict = (url: string) => caller.call('POST', `${url}/invocations`, ROW, 'invoker');

async function finish(rollout: string) {
  const { body } = await caller.until(
    `/api/v1/rollouts/${rollout}`,
    (reply) => reply.body.status === 'COMPLETED',
  );
  return body;
}

describe('an endpoint', () => {
  it('answers predictions seconds after it was asked for', async () => {
    const startedMs = Date.now();

    const { created, endpoint } = await serve('quick');
    const prediction = await predict(endpoint.url);

    console.log(`endpoint asked for → first prediction: ${Date.now() - startedMs} ms`);
    expect(created).toMatchObject({ status: 202, body: { status: 'CREATING', version: null } });
    expect(endpoint).toMatchObject({ status: 'IN_SERVICE', version: 1 });
    expect(endpoint.url).toBe(`${getCloud().apiUrl}/serving/${caller.tenant}/quick`);
    expect(prediction.status).toBe(200);
    expect(prediction.headers.get('x-model-version')).toBe('1');
  });

  it('is not shown to another tenant', async () => {
    await serve('private');
    const stranger = await CloudCaller.forNewTenant(getCloud(), 'stranger');

    expect((await stranger.call('GET', '/api/v1/endpoints/private')).status).toBe(404);
    expect((await stranger.call('DELETE', '/api/v1/endpoints/private')).status).toBe(404);
  });

  it('takes new settings by publishing what it serves again', async () => {
    const { endpoint } = await serve('tuned');

    const patched = await caller.call('PATCH', '/api/v1/endpoints/tuned', { memoryMb: 512 });
    const settled = await caller.until('/api/v1/endpoints/tuned', ({ body }) => body.status !== 'UPDATING');

    expect(patched).toMatchObject({ status: 202, body: { status: 'UPDATING', memoryMb: 512 } });
    expect(settled.body).toMatchObject({ status: 'IN_SERVICE', memoryMb: 512 });
    expect((await predict(endpoint.url)).status).toBe(200);
  });

  it('can be asked for in the words of the system specification', async () => {
    const deployed = await caller.call('POST', '/api/v1/models/trees/deploy', {
      version: 1,
      endpoint: 'spec',
    });
    const status = await caller.until('/deployments/spec/status', ({ body }) => body.status === 'IN_SERVICE');

    expect(deployed).toMatchObject({ status: 202, body: { id: 'spec', status: 'CREATING' } });
    expect(status.body).toMatchObject({ name: 'spec', version: 1 });
    expect((await caller.call('DELETE', '/deployments/spec')).status).toBe(202);
  });

  it('leaves nothing behind when it is deleted', async () => {
    const alone = await CloudCaller.forNewTenant(getCloud(), 'leaving');
    await alone.register('trees', buildTreeClassifier(5, 3, 4, 1));
    await alone.call('POST', '/api/v1/endpoints', { name: 'gone', model: 'trees', version: 1 });
    await alone.until('/api/v1/endpoints/gone', ({ body }) => body.status === 'IN_SERVICE');

    await alone.call('DELETE', '/api/v1/endpoints/gone');
    await alone.until('/api/v1/endpoints/gone', ({ status }) => status === 404);

    expect(await listLeftovers(alone.tenant)).toEqual([]);
  });
});

async function listLeftovers(tenant: string): Promise<(string | undefined)[]> {
  const gateway = new ApiGatewayV2Client(settings());
  const ApiId = await readParameter('api/http-api-id');
  const { Items: routes = [] } = await gateway.send(new GetRoutesCommand({ ApiId, MaxResults: '500' }));
  const { Items: integrations = [] } = await gateway.send(
    new GetIntegrationsCommand({ ApiId, MaxResults: '500' }),
  );
  const { Functions = [] } = await new LambdaClient(settings()).send(new ListFunctionsCommand({}));
  const { Roles = [] } = await new IAMClient(settings()).send(new ListRolesCommand({ MaxItems: 1000 }));
  return [
    ...routes.map(({ RouteKey }) => RouteKey),
    ...integrations.map(({ IntegrationUri }) => IntegrationUri),
    ...Functions.map(({ FunctionName }) => FunctionName),
    ...Roles.map(({ RoleName }) => RoleName),
  ].filter((name) => name?.includes(tenant));
}

describe('a rollout', () => {
  it('splits the traffic by its weight, and gives it back when it is aborted', async () => {
    const { endpoint } = await serve('canary');
    const input = { version: 2, strategy: 'canary', policy: { firstWeight: 0.5 } };
    const { body } = await caller.call('POST', '/api/v1/endpoints/canary/rollouts', input);
    await caller.until(`/api/v1/rollouts/${body.id}`, (reply) => reply.body.status === 'RUNNING');

    const before = await countVersions(endpoint.url, 60);
    const aborted = await caller.call('POST', `/api/v1/rollouts/${body.id}/abort`, { reason: 'enough' });
    const after = await countVersions(endpoint.url, 20);

    expect(before['1']).toBeGreaterThan(10);
    expect(before['2']).toBeGreaterThan(10);
    expect(aborted.body).toMatchObject({ status: 'COMPLETED', outcome: 'ABORTED', reason: 'enough' });
    expect(after).toEqual({ '1': 20 });
  });

  it('is refused while another one is under way, even at the same moment', async () => {
    await serve('busy');

    const both = await Promise.all(
      [2, 3].map((version) => caller.call('POST', '/api/v1/endpoints/busy/rollouts', { version })),
    );

    expect(both.map(({ status }) => status).toSorted()).toEqual([202, 409]);
    expect(both.find(({ status }) => status === 409)?.body.code).toBe('ROLLOUT_RUNNING');
  });

  it('goes back to what served at a time', async () => {
    const { endpoint } = await serve('back');
    const servedFirst = new Date().toISOString();
    const second = { version: 2, strategy: 'all-at-once' };
    const { body } = await caller.call('POST', '/api/v1/endpoints/back/rollouts', second);
    await finish(body.id);

    const input = { at: servedFirst, reason: 'worse' };
    const rollback = await caller.call('POST', '/api/v1/endpoints/back/rollback', input);
    await finish(rollback.body.id);

    const history = await caller.call('GET', '/api/v1/endpoints/back/history');
    expect(history.body.items.map(({ version }: { version: number }) => version)).toEqual([1, 2, 1]);
    expect((await predict(endpoint.url)).headers.get('x-model-version')).toBe('1');
  });

  it('ends FAILED when the model was changed after it was signed, and the old version goes on', async () => {
    const { endpoint } = await serve('signed');
    const version = await caller.register('trees', buildTreeClassifier(5, 3, 4, 9));
    await changeStoredModel(version);

    const { body } = await caller.call('POST', '/api/v1/endpoints/signed/rollouts', { version });
    const rollout = await finish(body.id);

    expect(rollout).toMatchObject({ outcome: 'FAILED', weight: 0 });
    expect(rollout.reason).toContain("'model.onnx' was changed after it was signed");
    expect((await predict(endpoint.url)).headers.get('x-model-version')).toBe('1');
  });
});

async function countVersions(url: string, requests: number): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (let request = 0; request < requests; request += 1) {
    const version = (await predict(url)).headers.get('x-model-version') ?? 'none';
    counts[version] = (counts[version] ?? 0) + 1;
  }
  return counts;
}

async function changeStoredModel(version: number): Promise<void> {
  const { body } = await caller.call('GET', `/api/v1/models/trees/versions/${version}/files`);
  const file = (body.items as { path: string; url: string }[]).find(({ path }) => path === 'model.onnx');
  const Bucket = await readParameter('state/artifact-bucket-name');
  const Key = decodeURIComponent(new URL(file?.url ?? '').pathname).split(`/${Bucket}/`)[1] ?? '';
  const s3 = new S3Client(settings());
  const stored = await s3.send(new GetObjectCommand({ Bucket, Key }));
  const bytes = (await stored.Body?.transformToByteArray()) ?? new Uint8Array();
  bytes[bytes.length - 5]! ^= 1;
  await s3.send(new PutObjectCommand({ Bucket, Key, Body: bytes }));
}
