import * as z from 'zod';
import { pageOf, pageQuery, resourceFields, slug, timestamp } from '../shared/contract.ts';
import { defineRoute } from '../shared/define-route.ts';
import { ROLES } from '../shared/principal.ts';

export const role = z.enum(ROLES);

export const tokenSummary = z
  .object({
    id: z.string().meta({ description: 'tok_ and a ULID' }),
    name: z.string(),
    roles: z.array(role),
    endpoints: z.array(slug).optional().meta({ description: 'Endpoints an invoker is limited to' }),
    expiresAt: timestamp,
    lastUsedAt: timestamp.optional().meta({ description: 'To within five minutes' }),
    ...resourceFields,
  })
  .meta({ id: 'Token' });

export const createdToken = tokenSummary
  .extend({ token: z.string().meta({ description: 'Shown once; only its hash is stored' }) })
  .meta({ id: 'CreatedToken' });

export const tokenInput = z.strictObject({
  name: z.string().min(1).max(100),
  roles: z.array(role).min(1),
  endpoints: z.array(slug).min(1).optional(),
  expiresInDays: z.number().int().min(1).max(365).default(90),
});

export const tenant = z.object({ name: slug, ...resourceFields }).meta({ id: 'Tenant' });

export const createdTenant = z
  .object({ name: slug, tokens: z.record(role, z.string()) })
  .meta({ id: 'CreatedTenant', description: 'One token per role, shown once' });

const TAG = '/api/v1';

export const accessRoutes = {
  createTenant: defineRoute('createTenant', {
    method: 'POST',
    path: `${TAG}/tenants`,
    role: 'platform',
    summary: 'Creates an empty tenant and a token for each role',
    body: z.strictObject({ name: slug }),
    response: createdTenant,
    status: 201,
  }),
  listTenants: defineRoute('listTenants', {
    method: 'GET',
    path: `${TAG}/tenants`,
    role: 'platform',
    summary: 'Lists the tenants of the installation',
    query: pageQuery,
    response: pageOf(tenant),
  }),
  createToken: defineRoute('createToken', {
    method: 'POST',
    path: `${TAG}/tokens`,
    role: 'admin',
    summary: 'Creates a personal access token, shown once',
    body: tokenInput,
    response: createdToken,
    status: 201,
  }),
  listTokens: defineRoute('listTokens', {
    method: 'GET',
    path: `${TAG}/tokens`,
    role: 'admin',
    summary: "Lists the tenant's tokens",
    query: pageQuery,
    response: pageOf(tokenSummary),
  }),
  revokeToken: defineRoute('revokeToken', {
    method: 'DELETE',
    path: `${TAG}/tokens/{id}`,
    role: 'admin',
    summary: 'Revokes a token within 60 seconds',
    params: z.object({ id: z.string() }),
  }),
  getHealth: defineRoute('getHealth', {
    method: 'GET',
    path: '/health',
    role: 'open',
    summary: 'OK when the API answers',
    response: z.string(),
  }),
  getVersion: defineRoute('getVersion', {
    method: 'GET',
    path: '/version',
    role: 'open',
    summary: 'The MLflow version whose API this is',
    response: z.string(),
  }),
  getOpenApi: defineRoute('getOpenApi', {
    method: 'GET',
    path: `${TAG}/openapi.json`,
    role: 'open',
    summary: 'This API as OpenAPI 3.1',
    response: z.record(z.string(), z.unknown()),
  }),
  getInstallation: defineRoute('getInstallation', {
    method: 'GET',
    path: `${TAG}/installation`,
    role: 'viewer',
    summary: 'Version, schema and settings of the installation',
    response: z.object({
      installation: z.string(),
      version: z.string(),
      schemaVersion: z.number().int(),
      platform: z.string(),
    }),
  }),
} as const;
