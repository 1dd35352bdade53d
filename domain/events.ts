import * as access from './access/events.ts';
import * as datasets from './datasets/events.ts';
import * as deployment from './deployment/events.ts';
import * as monitoring from './monitoring/events.ts';
import * as registry from './registry/events.ts';
import * as retraining from './retraining/events.ts';
import type { EventType } from './shared/event.ts';
import * as tracking from './tracking/events.ts';
import * as loggedModels from './tracking/logged-models/events.ts';
import * as training from './training/events.ts';

const DECLARATIONS: readonly Readonly<Record<string, unknown>>[] = [
  access,
  datasets,
  deployment,
  monitoring,
  registry,
  retraining,
  tracking,
  loggedModels,
  training,
];

/** Every declared event of the platform bus: what `docs/events/` is made from. */
export const EVENTS: readonly EventType[] = DECLARATIONS.flatMap((module) => Object.values(module)).filter(
  isEventType,
);

function isEventType(value: unknown): value is EventType {
  return typeof value === 'object' && value !== null && 'detailType' in value && 'data' in value;
}
