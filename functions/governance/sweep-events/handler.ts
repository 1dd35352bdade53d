import { makeOutbox } from '../../../adapters/dynamodb/outbox.ts';
import { makeEventBus } from '../../../adapters/eventbridge/event-bus.ts';
import { readEnvironment } from '../../../adapters/lambda/environment.ts';
import { logger } from '../../../adapters/lambda/logger.ts';
import { makeAuditLog } from '../../../adapters/s3/audit-log.ts';
import { sweepEvents } from '../../../domain/governance/relay-event.ts';
import { environment } from './environment.ts';

const env = readEnvironment(environment);
const deps = {
  bus: makeEventBus(env.PLATFORM_BUS_NAME, env.INSTALLATION),
  audit: makeAuditLog(env.AUDIT_BUCKET_NAME),
  outbox: makeOutbox(env.PLATFORM_TABLE_NAME),
};

/** Every minute: relays the events that the stream lost or gave up on. Nothing to do is the normal case. */
export async function handler(): Promise<{ readonly relayed: number }> {
  const relayed = await sweepEvents(deps, Date.now());
  if (relayed > 0) logger.warn('events were relayed late', { relayed });
  return { relayed };
}
