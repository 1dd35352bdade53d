import { type CallContext, isoTime } from '../shared/call-context.ts';
import { AlreadyExistsError } from '../shared/domain-error.ts';
import { makeEvent } from '../shared/event.ts';
import { ROLES, type Role } from '../shared/principal.ts';
import type { Change, Item, Key, Page, PageRequest, Store } from '../shared/store.ts';
import { TenantCreated } from './events.ts';
import { issueToken, PLATFORM_TENANT, type TokenDependencies } from './manage-tokens.ts';

export interface Tenant {
  readonly name: string;
  readonly createdAt: string;
  readonly createdBy: string;
  readonly updatedAt: string;
}

export interface TenantDependencies extends TokenDependencies {
  /** What other capabilities put into a new tenant: MLflow's experiment 0, for one. */
  readonly seeds: readonly ((context: CallContext) => readonly Change[])[];
}

const TOKEN_DAYS = 90;

export function tenantKey(name: string): Key {
  return { tenant: PLATFORM_TENANT, kind: 'tenant', id: name };
}

/** Creates a tenant with a token for each role; the name has one winner. */
export async function createTenant(deps: TenantDependencies, context: CallContext, name: string) {
  const createdAt = isoTime(context);
  const tenant: Tenant = { name, createdAt, createdBy: context.actor, updatedAt: createdAt };
  const issued = ROLES.map((role) =>
    issueToken(deps, context, name, { name: `first ${role}`, roles: [role], expiresInDays: TOKEN_DAYS }),
  );
  const inTenant = { ...context, tenant: name };
  const key = tenantKey(name);
  await deps.store
    .commit([
      { put: key, value: tenant, expect: 'absent', placement: { list: 'tenants', sort: createdAt } },
      {
        emit: makeEvent(TenantCreated, inTenant, {
          resource: `tenants/${name}`,
          sequence: 1,
          data: { name },
        }),
      },
      ...issued.flatMap(({ changes }) => changes),
      ...deps.seeds.flatMap((seed) => seed(inTenant)),
    ])
    .catch((error: unknown) => {
      throw error instanceof AlreadyExistsError
        ? new AlreadyExistsError('tenant', name, { cause: error })
        : error;
    });
  const tokens = Object.fromEntries(issued.map(({ text }, index) => [ROLES[index], text])) as Record<
    Role,
    string
  >;
  return { name, tokens };
}

/** The installation's tenants, newest first. */
export function listTenants(store: Store, page: PageRequest): Promise<Page<Item<Tenant>>> {
  return store.list<Tenant>(PLATFORM_TENANT, 'tenants', page);
}
