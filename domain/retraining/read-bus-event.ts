import type { Trigger } from './policy-records.ts';

/** An event as EventBridge hands it to a function. */
export interface BusEvent {
  readonly id: string;
  readonly source: string;
  readonly 'detail-type': string;
  readonly time: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** What an event asks of retraining. */
export type RetrainingCause =
  | { readonly tenant: string; readonly endpoint: string; readonly trigger: Trigger }
  | { readonly tenant: string; readonly policy: string; readonly trigger: Trigger };

/** Requests carry their tenant in the source, which the bus's policy ties to the principal. */
const REQUEST_SOURCE = /^perennial\.tenant\.([a-z][a-z0-9-]{0,47})$/;

/**
 * Reads an event of the platform bus (drift, lost quality) or of the requests bus; undefined for anything else.
 * A request that names another tenant in its detail than in its source is refused by being nothing.
 */
export function readBusEvent(event: BusEvent): RetrainingCause | undefined {
  const kind = event['detail-type'];
  if (event.source === 'perennial.monitoring' && kind === 'DriftDetected')
    return readMonitoring(event, 'drift');
  if (event.source === 'perennial.monitoring' && kind === 'PerformanceDegraded')
    return readMonitoring(event, 'performance');
  return kind === 'RetrainingRequested' ? readRequest(event) : undefined;
}

function readMonitoring({ detail }: BusEvent, kind: 'drift' | 'performance'): RetrainingCause | undefined {
  const { tenant, eventId, occurredAt, data } = detail as Record<string, string> & {
    data?: Record<string, string>;
  };
  if (
    tenant === undefined ||
    eventId === undefined ||
    occurredAt === undefined ||
    data?.endpoint === undefined
  )
    return undefined;
  return { tenant, endpoint: data.endpoint, trigger: { kind, eventId, occurredAt, verdict: data.verdict } };
}

function readRequest({ id, source, time, detail }: BusEvent): RetrainingCause | undefined {
  const tenant = REQUEST_SOURCE.exec(source)?.[1];
  const { policy, tenant: named } = detail;
  if (tenant === undefined || typeof policy !== 'string' || (named !== undefined && named !== tenant))
    return undefined;
  return {
    tenant,
    policy,
    trigger: { kind: 'request', eventId: id, occurredAt: new Date(time).toISOString() },
  };
}
