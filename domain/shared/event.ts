import * as z from 'zod';
import type { CallContext } from './call-context.ts';

/** A kind of event of the platform bus: its source, its detail type and the shape of its `data`. */
export interface EventType<T extends z.ZodType = z.ZodType> {
  readonly source: `perennial.${string}`;
  readonly detailType: string;
  readonly data: T;
}

/** Declares an event; `docs/events/` is made from these declarations. */
export function defineEvent<T extends z.ZodType>(
  source: EventType['source'],
  detailType: string,
  data: T,
): EventType<T> {
  return { source, detailType, data };
}

/** The envelope every consumer reads: order by `sequence` within a resource, drop repeats by `eventId`. */
export const eventDetail = z.object({
  eventId: z.string(),
  schemaVersion: z.literal(1),
  installation: z.string(),
  tenant: z.string(),
  actor: z.string(),
  requestId: z.string(),
  occurredAt: z.iso.datetime({ precision: 3 }),
  /** Path of the resource, as `models/churn/versions/3`. */
  resource: z.string(),
  /** Revision of the aggregate after the change. */
  sequence: z.number().int(),
  data: z.record(z.string(), z.unknown()),
});

export type EventDetail = z.infer<typeof eventDetail>;

/** An event as the store keeps it until and after it was relayed. */
export interface PlatformEvent extends Omit<EventDetail, 'installation'> {
  readonly source: string;
  readonly detailType: string;
  /** Configuration before and after, for the audit: field names and salted digests leave the store, not values. */
  readonly before?: Readonly<Record<string, unknown>>;
  readonly after?: Readonly<Record<string, unknown>>;
}

export interface EventInput<T extends z.ZodType> {
  readonly resource: string;
  readonly sequence: number;
  readonly data: z.input<T>;
  readonly before?: object;
  readonly after?: object;
}

/** Makes the event of a state change; it is committed in the same transaction as the change. */
export function makeEvent<T extends z.ZodType>(
  type: EventType<T>,
  context: CallContext,
  input: EventInput<T>,
): PlatformEvent {
  return {
    eventId: context.newId('evt'),
    schemaVersion: 1,
    source: type.source,
    detailType: type.detailType,
    tenant: context.tenant,
    actor: context.actor,
    requestId: context.requestId,
    occurredAt: new Date(context.nowMs).toISOString(),
    resource: input.resource,
    sequence: input.sequence,
    data: type.data.parse(input.data) as Record<string, unknown>,
    ...(input.before ? { before: input.before as Record<string, unknown> } : {}),
    ...(input.after ? { after: input.after as Record<string, unknown> } : {}),
  };
}
