import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import {
  CreateRoleCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  IAMClient,
  PutRolePolicyCommand,
} from '@aws-sdk/client-iam';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clientSettings } from '../../local/aws-clients.ts';
import { useCloud } from '../support/shared-cloud.ts';

const cloud = useCloud();
const RoleName = 'team-of-acme';
const PolicyName = 'may-put-everywhere';

let client: EventBridgeClient;

/** A role of the account that may put events on any bus, tagged as acme's. */
beforeAll(async () => {
  const settings = clientSettings(cloud().awsEndpointUrl);
  const iam = new IAMClient(settings);
  const { Role } = await iam.send(
    new CreateRoleCommand({
      RoleName,
      AssumeRolePolicyDocument: toPolicy({ Principal: { AWS: '*' }, Action: 'sts:AssumeRole' }),
      Tags: [{ Key: 'perennial:tenant', Value: 'acme' }],
    }),
  );
  const PolicyDocument = toPolicy({ Action: 'events:PutEvents', Resource: '*' });
  await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument }));
  const { Credentials } = await new STSClient(settings).send(
    new AssumeRoleCommand({ RoleArn: Role!.Arn, RoleSessionName: 'test' }),
  );
  client = new EventBridgeClient({
    ...settings,
    credentials: {
      accessKeyId: Credentials!.AccessKeyId!,
      secretAccessKey: Credentials!.SecretAccessKey!,
      sessionToken: Credentials!.SessionToken!,
    },
  });
});

afterAll(async () => {
  const iam = new IAMClient(clientSettings(cloud().awsEndpointUrl));
  await iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName }));
  await iam.send(new DeleteRoleCommand({ RoleName }));
});

describe('the requests bus', () => {
  it("takes a request in the name of the principal's tenant", async () => {
    const answer = await put('perennial-requests', ['perennial.tenant.acme']);

    expect(answer.FailedEntryCount).toBe(0);
  });

  it("refuses one in another tenant's name", async () => {
    const putting = put('perennial-requests', ['perennial.tenant.other']);

    await expect(putting).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });

  it('refuses one that hides behind a permitted one', async () => {
    const putting = put('perennial-requests', ['perennial.tenant.acme', 'perennial.tenant.other']);

    await expect(putting).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });
});

describe('the platform bus', () => {
  it('takes events from the relay alone', async () => {
    const putting = put('perennial-platform', ['perennial.registry']);

    await expect(putting).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });
});

function put(EventBusName: string, sources: readonly string[]) {
  const Entries = sources.map((Source) => ({
    EventBusName,
    Source,
    DetailType: 'SomethingRequested',
    Detail: '{}',
  }));
  return client.send(new PutEventsCommand({ Entries }));
}

function toPolicy(statement: object): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', ...statement }] });
}
