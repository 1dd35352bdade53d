import type { CallContext } from '../shared/call-context.ts';
import { ConcurrentChangeError } from '../shared/domain-error.ts';
import {
  addGrant,
  findGrant,
  type Grant,
  listGrants,
  parsePermission,
  removeGrant,
  replaceGrant,
} from '../shared/grant-changes.ts';
import {
  type Grants,
  type Guarded,
  mayUse,
  type Permission,
  requirePermission,
} from '../shared/permission.ts';
import type { Store } from '../shared/store.ts';
import { retryWhenConcurrent } from './commit-changes.ts';
import { commitModel } from './manage-models.ts';
import { findModel, getModelItem, type NameEntry, nameKey } from './model-records.ts';

/** A request of MLflow's permission API. */
export interface ModelGrant {
  readonly name: string;
  readonly username: string;
  readonly permission: string;
}

const subjectOf = (name: string) => ({ kind: 'Registered model permission', name: `name=${name}` }) as const;

function guardModel({ name, grants }: Pick<NameEntry, 'name' | 'grants'>): Guarded {
  return { resource: `models/${name}`, grants };
}

/** Whether a search shows the caller the model. */
export function mayRead(
  { principal }: Pick<CallContext, 'principal'>,
  entry: Pick<NameEntry, 'name' | 'grants'>,
) {
  return mayUse(principal, guardModel(entry), 'READ');
}

/** Asks for a permission on the model of that name; one that is not there is the use case's to miss. */
export async function guardModelCall(
  store: Store,
  context: CallContext,
  name: string,
  needed: Permission,
): Promise<void> {
  const model = await findModel(store, context.tenant, name);
  if (model !== undefined) requirePermission(context, guardModel(model.value), needed);
}

export async function createModelPermission(
  store: Store,
  context: CallContext,
  { name, username, permission }: ModelGrant,
): Promise<Grant> {
  const grant = { username, permission: parsePermission(permission) };
  await changeGrants(store, context, name, (grants) => addGrant(grants, grant, subjectOf(name)));
  return grant;
}

export async function updateModelPermission(
  store: Store,
  context: CallContext,
  { name, username, permission }: ModelGrant,
): Promise<void> {
  const grant = { username, permission: parsePermission(permission) };
  await changeGrants(store, context, name, (grants) => replaceGrant(grants, grant, subjectOf(name)));
}

export async function deleteModelPermission(
  store: Store,
  context: CallContext,
  { name, username }: Omit<ModelGrant, 'permission'>,
): Promise<void> {
  await changeGrants(store, context, name, (grants) => removeGrant(grants, username, subjectOf(name)));
}

export async function getModelPermission(
  store: Store,
  context: CallContext,
  { name, username }: Omit<ModelGrant, 'permission'>,
): Promise<Grant> {
  const { value } = await getModelItem(store, context.tenant, name);
  return { username, permission: findGrant(value.grants ?? {}, username, subjectOf(name)) };
}

export async function listModelPermissions(
  store: Store,
  context: CallContext,
  name: string,
): Promise<readonly Grant[]> {
  const { value } = await getModelItem(store, context.tenant, name);
  return listGrants(value.grants);
}

/** The model and the entry of its name, which searches read, change together. */
async function changeGrants(
  store: Store,
  context: CallContext,
  name: string,
  change: (grants: Grants) => Grants,
): Promise<void> {
  await retryWhenConcurrent(async () => {
    const item = await getModelItem(store, context.tenant, name);
    const entry = await store.get<NameEntry>(nameKey(context.tenant, name));
    if (entry === undefined) throw new ConcurrentChangeError(`The model ${name} was renamed meanwhile.`);
    const grants = change(item.value.grants ?? {});
    const put = { put: entry.key, value: { ...entry.value, grants }, expect: entry.revision };
    await commitModel(store, context, item, { grants }, [put]);
  });
}
