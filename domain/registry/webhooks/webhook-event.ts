import { InvalidInputError } from '../../shared/domain-error.ts';

/** What MLflow's webhooks can be subscribed to; budgets belong to its AI gateway, which is not here. */
export const WEBHOOK_ACTIONS = {
  REGISTERED_MODEL: ['CREATED'],
  MODEL_VERSION: ['CREATED'],
  MODEL_VERSION_TAG: ['DELETED', 'SET'],
  MODEL_VERSION_ALIAS: ['CREATED', 'DELETED'],
  PROMPT: ['CREATED'],
  PROMPT_VERSION: ['CREATED'],
  PROMPT_TAG: ['DELETED', 'SET'],
  PROMPT_VERSION_TAG: ['DELETED', 'SET'],
  PROMPT_ALIAS: ['CREATED', 'DELETED'],
  BUDGET_POLICY: ['EXCEEDED'],
} as const satisfies Record<string, readonly string[]>;

export type WebhookEntity = keyof typeof WEBHOOK_ACTIONS;
export const WEBHOOK_ENTITIES = Object.keys(WEBHOOK_ACTIONS) as [WebhookEntity, ...WebhookEntity[]];
export const ALL_WEBHOOK_ACTIONS = ['CREATED', 'UPDATED', 'DELETED', 'SET', 'EXCEEDED'] as const;
export type WebhookAction = (typeof ALL_WEBHOOK_ACTIONS)[number];

export interface WebhookEvent {
  readonly entity: WebhookEntity;
  readonly action: WebhookAction;
}

/** `model_version.created`, as MLflow's Python client writes events. */
export function formatWebhookEvent({ entity, action }: WebhookEvent): string {
  return `${entity.toLowerCase()}.${action.toLowerCase()}`;
}

/** @throws InvalidInputError, in MLflow's words, for an action that its entity does not have */
export function checkWebhookEvent({ entity, action }: WebhookEvent): void {
  const valid: readonly string[] = WEBHOOK_ACTIONS[entity];
  if (valid.includes(action)) return;
  const names = valid.map((name) => `'${name.toLowerCase()}'`).join(', ');
  throw new InvalidInputError(
    `Invalid action '${action.toLowerCase()}' for entity '${entity.toLowerCase()}'. Valid actions are: [${names}]`,
  );
}

/** Each once, in MLflow's order: by entity, then by action. */
export function sortWebhookEvents(events: readonly WebhookEvent[]): WebhookEvent[] {
  const byName = new Map(events.map(({ entity, action }) => [`${entity}.${action}`, { entity, action }]));
  return [...byName].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, event]) => event);
}
