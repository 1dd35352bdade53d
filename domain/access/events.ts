import * as z from 'zod';
import { defineEvent } from '../shared/event.ts';

const tokenData = z.object({ tokenId: z.string(), name: z.string(), roles: z.array(z.string()) });

export const TenantCreated = defineEvent('perennial.access', 'TenantCreated', z.object({ name: z.string() }));
export const TokenCreated = defineEvent('perennial.access', 'TokenCreated', tokenData);
export const TokenRevoked = defineEvent('perennial.access', 'TokenRevoked', tokenData);
