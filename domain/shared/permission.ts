import type { CallContext } from './call-context.ts';
import { ForbiddenError } from './domain-error.ts';
import { hasRole, type Principal } from './principal.ts';

/** MLflow's ladder: each may do what those before it may. */
export const PERMISSIONS = ['NO_PERMISSIONS', 'READ', 'USE', 'EDIT', 'MANAGE'] as const;
export type Permission = (typeof PERMISSIONS)[number];

/** Permissions on one experiment or model by actor; EVERYONE stands for who is not named. */
export type Grants = Readonly<Record<string, Permission>>;

export const EVERYONE = '*';

/** What makes up for a role that may only read. */
const CHANGING: readonly Permission[] = ['EDIT', 'MANAGE'];

/** An experiment or model as permissions see it. */
export interface Guarded {
  /** `experiments/3`, for the refusal's text. */
  readonly resource: string;
  readonly grants?: Grants | undefined;
}

/**
 * What somebody may do with one experiment or model: what an admin set for them, else for everyone, else what
 * their role in the tenant says. Admins keep all permissions, so that nothing gets out of everybody's reach.
 */
export function permissionOf(principal: Principal, { grants = {} }: Guarded): Permission {
  if (principal.system === true || hasRole(principal, 'admin')) return 'MANAGE';
  if (Object.hasOwn(grants, principal.actor)) return grants[principal.actor] as Permission;
  if (Object.hasOwn(grants, EVERYONE)) return grants[EVERYONE] as Permission;
  if (hasRole(principal, 'scientist')) return 'MANAGE';
  return hasRole(principal, 'viewer') ? 'READ' : 'NO_PERMISSIONS';
}

export function mayUse(principal: Principal, guarded: Guarded, needed: Permission): boolean {
  return PERMISSIONS.indexOf(permissionOf(principal, guarded)) >= PERMISSIONS.indexOf(needed);
}

/** @throws ForbiddenError naming the permission that is missing */
export function requirePermission(
  { principal, proof }: Pick<CallContext, 'principal' | 'proof'>,
  guarded: Guarded,
  needed: Permission,
): void {
  if (mayUse(principal, guarded, needed)) {
    if (proof !== undefined && CHANGING.includes(needed)) proof.given = true;
    return;
  }
  throw new ForbiddenError(
    `This needs the permission ${needed} on ${guarded.resource}; the caller has ${permissionOf(principal, guarded)}.`,
  );
}
