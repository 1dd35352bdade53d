import {
  CreateRoleCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  EntityAlreadyExistsException,
  GetRoleCommand,
  IAMClient,
  NoSuchEntityException,
  PutRolePolicyCommand,
} from '@aws-sdk/client-iam';
import type { RunTimeNames, TenantRoles } from '../../domain/deployment/ports.ts';

export interface TenantRoleSettings {
  readonly installation: string;
  readonly names: RunTimeNames;
  /** Managed policy that no role of a tenant can exceed. */
  readonly boundaryArn: string;
  readonly artifactBucket: string;
  readonly logGroupArn: string;
}

const POLICY_NAME = 'serve-models';
const TRUST = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
};

const defaultClient = new IAMClient({});

/** Execution roles of endpoint functions: one per tenant, so that no model reads another tenant's artifacts. */
export function makeTenantRoles(
  settings: TenantRoleSettings,
  client: IAMClient = defaultClient,
): TenantRoles {
  return {
    ensure: async (tenant) => {
      const RoleName = settings.names.roleName(tenant);
      const arn =
        (await findRole(client, RoleName)) ?? (await createRole(client, settings, tenant, RoleName));
      await client.send(
        new PutRolePolicyCommand({
          RoleName,
          PolicyName: POLICY_NAME,
          PolicyDocument: JSON.stringify(toPolicy(settings, tenant)),
        }),
      );
      return arn;
    },
    remove: async (tenant) => {
      const RoleName = settings.names.roleName(tenant);
      await client
        .send(new DeleteRolePolicyCommand({ RoleName, PolicyName: POLICY_NAME }))
        .catch(ignoreAbsent);
      await client.send(new DeleteRoleCommand({ RoleName })).catch(ignoreAbsent);
    },
  };
}

function toPolicy({ artifactBucket, logGroupArn }: TenantRoleSettings, tenant: string) {
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Action: 's3:GetObject',
        Resource: `arn:aws:s3:::${artifactBucket}/tenants/${tenant}/models/*`,
      },
      {
        Effect: 'Allow',
        Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        Resource: [logGroupArn, `${logGroupArn}:log-stream:*`],
      },
    ],
  };
}

async function findRole(client: IAMClient, RoleName: string): Promise<string | undefined> {
  try {
    return (await client.send(new GetRoleCommand({ RoleName }))).Role?.Arn;
  } catch (error) {
    if (error instanceof NoSuchEntityException) return undefined;
    throw error;
  }
}

async function createRole(
  client: IAMClient,
  { installation, boundaryArn }: TenantRoleSettings,
  tenant: string,
  RoleName: string,
): Promise<string> {
  try {
    const { Role } = await client.send(
      new CreateRoleCommand({
        RoleName,
        Description: `Endpoints of tenant ${tenant}`,
        AssumeRolePolicyDocument: JSON.stringify(TRUST),
        PermissionsBoundary: boundaryArn,
        Tags: [
          { Key: 'perennial:installation', Value: installation },
          { Key: 'perennial:tenant', Value: tenant },
        ],
      }),
    );
    return Role?.Arn ?? '';
  } catch (error) {
    // Another endpoint of the tenant came first.
    if (error instanceof EntityAlreadyExistsException) return (await findRole(client, RoleName)) ?? '';
    throw error;
  }
}

function ignoreAbsent(error: unknown): void {
  if (!(error instanceof NoSuchEntityException)) throw error;
}
