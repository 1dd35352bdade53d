import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DeleteCommand, DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import { beforeAll, describe, expect, it } from 'vitest';
import { readShared, rootSettings } from '../support/aws.ts';
import { CloudCaller, type Role } from '../support/cloud-caller.ts';
import { useCloud } from '../support/shared-cloud.ts';

const cloud = useCloud();
let caller: CloudCaller;

const call = (role: Role, method: string, path: string, body?: unknown) =>
  caller.call(method, `/api/2.0/mlflow/${path}`, body, role);

beforeAll(async () => {
  caller = await CloudCaller.forNewTenant(cloud(), 'access');
});

/** The actor of a role's token, which permissions name. */
async function actorOf(role: Role): Promise<string> {
  const { body } = await caller.call('GET', '/api/v1/tokens', undefined, 'admin');
  return body.items.find(({ roles }: { roles: Role[] }) => roles[0] === role).id;
}

async function createExperiment(name: string): Promise<{ experimentId: string; runId: string }> {
  const experiment = await call('scientist', 'POST', 'experiments/create', { name });
  const { experiment_id: experimentId } = experiment.body;
  const run = await call('scientist', 'POST', 'runs/create', { experiment_id: experimentId });
  return { experimentId, runId: run.body.run.info.run_id };
}

const permit = (experiment_id: string, username: string, permission: string) =>
  call('admin', 'POST', 'experiments/permissions/create', { experiment_id, username, permission });

describe('a permission on an experiment', () => {
  it('hides it from everybody else, in searches too, and opens it to a viewer who may edit', async () => {
    const { experimentId, runId } = await createExperiment('secret');
    const metric = { run_id: runId, key: 'auc', value: 0.8, timestamp: 1, step: 0 };
    const viewer = await actorOf('viewer');

    await permit(experimentId, '*', 'NO_PERMISSIONS');
    await permit(experimentId, viewer, 'EDIT');
    const search = { experiment_ids: [experimentId] };
    const hidden = {
      get: await call('scientist', 'GET', `runs/get?run_id=${runId}`),
      log: await call('scientist', 'POST', 'runs/log-metric', metric),
      search: await call('scientist', 'POST', 'runs/search', search),
    };
    const opened = {
      log: await call('viewer', 'POST', 'runs/log-metric', metric),
      search: await call('viewer', 'POST', 'runs/search', search),
      remove: await call('viewer', 'POST', 'experiments/delete', { experiment_id: experimentId }),
    };

    expect([hidden.get.status, hidden.log.status]).toEqual([403, 403]);
    expect(hidden.get.body.error_code).toBe('PERMISSION_DENIED');
    expect(hidden.search.body.runs ?? []).toEqual([]);
    expect(opened.log.status).toBe(200);
    expect(opened.search.body.runs).toMatchObject([{ data: { metrics: [{ key: 'auc', value: 0.8 }] } }]);
    expect(opened.remove.status).toBe(403);
  });

  it('ends when it is taken away', async () => {
    const { experimentId, runId } = await createExperiment('lent');
    const viewer = await actorOf('viewer');
    const tag = { run_id: runId, key: 'seen', value: 'yes' };
    const who = { experiment_id: experimentId, username: viewer };

    await permit(experimentId, viewer, 'EDIT');
    const before = await call('viewer', 'POST', 'runs/set-tag', tag);
    await call('admin', 'DELETE', 'experiments/permissions/delete', who);
    const after = await call('viewer', 'POST', 'runs/set-tag', tag);

    expect([before.status, after.status]).toEqual([200, 403]);
  });
});

describe('a permission on a model', () => {
  it('lets a viewer describe that model and no other', async () => {
    const viewer = await actorOf('viewer');
    for (const name of ['lent', 'kept'])
      await call('scientist', 'POST', 'registered-models/create', { name });
    const given = { name: 'lent', username: viewer, permission: 'EDIT' };
    const change = (name: string) =>
      call('viewer', 'PATCH', 'registered-models/update', { name, description: 'by a viewer' });

    await call('admin', 'POST', 'registered-models/permissions/create', given);

    expect([(await change('lent')).status, (await change('kept')).status]).toEqual([200, 403]);
  });
});

describe("a tenant's share of the API", () => {
  it('is answered with 429 and a time to wait when used up, without touching other tenants', async () => {
    const [hasty, calm] = [
      await CloudCaller.forNewTenant(cloud(), 'hasty'),
      await CloudCaller.forNewTenant(cloud(), 'calm'),
    ];
    const client = DynamoDBDocumentClient.from(new DynamoDBClient(rootSettings(cloud())));
    const TableName = await readShared(cloud(), 'state/platform-table-name');
    const bucket = { pk: `${hasty.tenant}#rate#api`, sk: '#' };
    const search = (who: CloudCaller) =>
      who.call('POST', '/api/2.0/mlflow/experiments/search', { max_results: 1 }, 'scientist');

    // As if so many requests had come that the bucket were full in a minute: above any burst.
    const fullAtMs = Date.now() + 60_000;
    await client.send(new PutCommand({ TableName, Item: { ...bucket, fullAtMs } }));
    const refused = await search(hasty);
    const others = await search(calm);
    await client.send(new DeleteCommand({ TableName, Key: bucket }));
    const later = await search(hasty);

    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    expect(refused.body).toMatchObject({
      error_code: 'REQUEST_LIMIT_EXCEEDED',
      message: expect.stringContaining('requests a second'),
    });
    expect([others.status, later.status]).toEqual([200, 200]);
  });
});
