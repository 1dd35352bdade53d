import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import type { EventBus } from '../../domain/governance/ports.ts';
import type { PlatformEvent } from '../../domain/shared/event.ts';

const client = new EventBridgeClient({});

/** What consumers get: the stored event without the audit's before and after. */
export function toBusEntry(event: PlatformEvent, busName: string, installation: string) {
  const { source, detailType, before: _before, after: _after, ...detail } = event;
  return {
    EventBusName: busName,
    Source: source,
    DetailType: detailType,
    Time: new Date(event.occurredAt),
    Detail: JSON.stringify({ ...detail, installation }),
  };
}

/** The platform's bus; a rejected entry is an error, so that the stream or the sweeper repeats it. */
export function makeEventBus(busName: string, installation: string): EventBus {
  return {
    publish: async (events) => {
      const Entries = events.map((event) => toBusEntry(event, busName, installation));
      const { FailedEntryCount = 0, Entries: results = [] } = await client.send(
        new PutEventsCommand({ Entries }),
      );
      if (FailedEntryCount === 0) return;
      const codes = results.map(({ ErrorCode }) => ErrorCode).filter(Boolean);
      throw new Error(`The bus refused ${FailedEntryCount} events: ${codes.join(', ')}`);
    },
  };
}
