import * as z from 'zod';
import { cursor, limit, pageOf, timestamp } from '../shared/contract.ts';
import { defineRoute } from '../shared/define-route.ts';

export const auditEntry = z
  .object({
    eventId: z.string(),
    occurredAt: timestamp,
    actor: z.string(),
    action: z.string(),
    resource: z.string(),
    sequence: z.number().int(),
    requestId: z.string(),
    changed: z.array(z.string()),
  })
  .meta({ id: 'AuditEntry' });

export const governanceRoutes = {
  listAudit: defineRoute('listAudit', {
    method: 'GET',
    path: '/api/v1/audit',
    role: 'admin',
    summary: 'Who changed what: the tenant’s audit, newest first',
    query: z.object({
      from: timestamp.optional(),
      to: timestamp.optional(),
      actor: z.string().optional(),
      resource: z.string().optional().meta({ description: 'A resource, or a prefix of its path' }),
      limit,
      cursor,
    }),
    response: pageOf(auditEntry),
  }),
} as const;
