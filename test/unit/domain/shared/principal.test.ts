import { describe, expect, it } from 'vitest';
import {
  hasRole,
  mayInvoke,
  type Principal,
  parseAuthorizerContext,
  ROLES,
  type Role,
  requireRole,
  toAuthorizerContext,
} from '../../../../domain/shared/principal.ts';

const who = (...roles: Role[]): Principal => ({ tenant: 'acme', actor: 'tok_1', roles });

describe('roles', () => {
  const allowed: Record<Role, Role[]> = {
    viewer: ['viewer'],
    invoker: ['invoker'],
    scientist: ['viewer', 'scientist'],
    operator: ['viewer', 'invoker', 'scientist', 'operator'],
    approver: ['viewer', 'approver'],
    admin: ['viewer', 'invoker', 'scientist', 'operator', 'approver', 'admin'],
  };

  it.each(ROLES)('%s may what its row says and nothing else', (role) => {
    const granted = ROLES.filter((required) => hasRole(who(role), required));

    expect(granted.sort()).toEqual([...allowed[role]].sort());
  });

  it('keeps the platform token out of tenants and tenants out of the platform', () => {
    const platform: Principal = { tenant: '_platform', actor: 'tok_0', roles: ['platform'] };

    expect(ROLES.some((role) => hasRole(platform, role))).toBe(false);
    expect(hasRole(platform, 'platform')).toBe(true);
    expect(hasRole(who('admin'), 'platform')).toBe(false);
  });

  it('lets everybody use an open route', () => {
    expect(hasRole(who(), 'open')).toBe(true);
  });

  it('names the missing role and those the token has', () => {
    expect(() => requireRole(who('viewer'), 'operator')).toThrow(/role 'operator'; the token has: viewer/);
    expect(() => requireRole(who(), 'viewer')).toThrow(/none/);
  });

  it('limits an invoker to its named endpoints', () => {
    const limited = { ...who('invoker'), endpoints: ['a'] };

    expect(mayInvoke(limited, 'a')).toBe(true);
    expect(mayInvoke(limited, 'b')).toBe(false);
    expect(mayInvoke(who('invoker'), 'b')).toBe(true);
    expect(mayInvoke(who('scientist'), 'a')).toBe(false);
  });
});

describe('the authorizer context', () => {
  it.each([who('viewer', 'invoker'), { ...who('invoker'), endpoints: ['a', 'b'] }])(
    'survives the way as strings',
    (principal) => {
      expect(parseAuthorizerContext(toAuthorizerContext(principal))).toEqual(principal);
    },
  );

  it('is no principal when a part is missing', () => {
    expect(parseAuthorizerContext(undefined)).toBeUndefined();
    expect(parseAuthorizerContext({})).toBeUndefined();
    expect(parseAuthorizerContext({ tenant: 'acme', actor: 'a' })).toBeUndefined();
  });

  it('drops roles it does not know', () => {
    expect(parseAuthorizerContext({ tenant: 'acme', actor: 'a', roles: 'root,viewer' })?.roles).toEqual([
      'viewer',
    ]);
  });
});
