import { ForbiddenError } from './domain-error.ts';

/** Roles of a tenant; what each may do is in docs/architecture.md, "Identity". */
export const ROLES = ['viewer', 'invoker', 'scientist', 'operator', 'approver', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/** What a route asks for: a role of the tenant (or either of two), the platform token, or nothing at all. */
export type RequiredRole = Role | 'operator-or-approver' | 'platform' | 'open';

/** Who calls, as the verified token says; nothing in a URL, header or body can change it. */
export interface Principal {
  readonly tenant: string;
  /** Opaque id of the token or OIDC subject: what the audit keeps. */
  readonly actor: string;
  readonly roles: readonly (Role | 'platform')[];
  /** The endpoints an invoker token is limited to; absent means all of the tenant's. */
  readonly endpoints?: readonly string[];
  /** Work of the platform itself: schedules, events, states of a workflow. No token carries it. */
  readonly system?: true;
}

const IMPLIED: Record<Role, readonly Role[]> = {
  viewer: ['viewer'],
  invoker: ['invoker'],
  scientist: ['scientist', 'viewer'],
  operator: ['operator', 'scientist', 'viewer', 'invoker'],
  approver: ['approver', 'viewer'],
  admin: ['admin', 'operator', 'approver', 'scientist', 'viewer', 'invoker'],
};

/** Whether the principal's roles include, or imply, the required one. */
export function hasRole(principal: Principal, required: RequiredRole): boolean {
  if (required === 'open') return true;
  if (required === 'operator-or-approver') {
    return hasRole(principal, 'operator') || hasRole(principal, 'approver');
  }
  return principal.roles.some((role) =>
    role === 'platform'
      ? required === 'platform'
      : required !== 'platform' && IMPLIED[role].includes(required),
  );
}

/** Throws ForbiddenError naming the role that is missing. */
export function requireRole(principal: Principal, required: RequiredRole): void {
  if (hasRole(principal, required)) return;
  throw new ForbiddenError(
    `This needs the role '${required}'; the token has: ${principal.roles.join(', ') || 'none'}.`,
  );
}

/** Whether the principal may call this endpoint of its own tenant. */
export function mayInvoke(principal: Principal, endpoint: string): boolean {
  if (!hasRole(principal, 'invoker')) return false;
  return principal.endpoints === undefined || principal.endpoints.includes(endpoint);
}

/** The authorizer's flat context (strings only, as API Gateway passes it on). */
export function toAuthorizerContext(principal: Principal): Record<string, string> {
  return {
    tenant: principal.tenant,
    actor: principal.actor,
    roles: principal.roles.join(','),
    ...(principal.endpoints === undefined ? {} : { endpoints: principal.endpoints.join(',') }),
  };
}

/** Reads what toAuthorizerContext wrote; undefined when the request did not pass an authorizer. */
export function parseAuthorizerContext(
  context: Readonly<Record<string, unknown>> | undefined,
): Principal | undefined {
  const { tenant, actor, roles, endpoints } = context ?? {};
  if (typeof tenant !== 'string' || typeof actor !== 'string' || typeof roles !== 'string') return undefined;
  return {
    tenant,
    actor,
    roles: roles
      .split(',')
      .filter((role): role is Role | 'platform' => role === 'platform' || ROLES.includes(role as Role)),
    ...(typeof endpoints === 'string' ? { endpoints: endpoints.split(',').filter(Boolean) } : {}),
  };
}
