import {
  CreateRoleCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  GetRoleCommand,
  IAMClient,
  NoSuchEntityException,
  PutRolePolicyCommand,
} from '@aws-sdk/client-iam';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { makeTenantRoles } from '../../../../adapters/iam/tenant-roles.ts';
import { makeRunTimeNames } from '../../../../domain/deployment/run-time-resources.ts';

const iam = mockClient(IAMClient);
const absent = new NoSuchEntityException({ $metadata: {}, message: 'absent' });
const roles = makeTenantRoles({
  installation: 'perennial',
  names: makeRunTimeNames('perennial'),
  boundaryArn: 'arn:boundary',
  artifactBucket: 'artifacts',
  logGroupArn: 'arn:logs',
});

beforeEach(() => iam.reset());

describe('the role of a tenant', () => {
  it('is made below the boundary, tagged, and reads only its own models', async () => {
    iam.on(GetRoleCommand).rejects(absent);
    iam.on(CreateRoleCommand).resolves({ Role: { Arn: 'arn:role' } as never });

    const arn = await roles.ensure('acme');

    expect(arn).toBe('arn:role');
    expect(iam.commandCalls(CreateRoleCommand)[0]?.args[0].input).toMatchObject({
      PermissionsBoundary: 'arn:boundary',
      Tags: expect.arrayContaining([{ Key: 'perennial:tenant', Value: 'acme' }]),
    });
    const policy = iam.commandCalls(PutRolePolicyCommand)[0]?.args[0].input.PolicyDocument ?? '';
    expect(policy).toContain('arn:aws:s3:::artifacts/tenants/acme/models/*');
  });

  it('is used when it is there', async () => {
    iam.on(GetRoleCommand).resolves({ Role: { Arn: 'arn:role' } as never });

    expect(await roles.ensure('acme')).toBe('arn:role');
    expect(iam.commandCalls(CreateRoleCommand)).toHaveLength(0);
  });

  it('is gone when it was gone already', async () => {
    iam.on(DeleteRolePolicyCommand).rejects(absent);
    iam.on(DeleteRoleCommand).rejects(absent);

    await expect(roles.remove('acme')).resolves.toBeUndefined();
  });
});
