import type { PlatformEvent } from '../../shared/event.ts';
import { WEBHOOK_DETAIL_TYPES } from '../webhook-contract.ts';
import type { WebhookAction, WebhookEntity, WebhookEvent } from './webhook-event.ts';

type DetailType = (typeof WEBHOOK_DETAIL_TYPES)[number];
type Named = Pick<PlatformEvent, 'detailType' | 'data'>;

/** Tags by which MLflow's client knows prompts; payloads of prompts leave them out. */
const PROMPT_MARKS = ['mlflow.prompt.is_prompt', '_mlflow_prompt_type'];
const PROMPT_TEXT = 'mlflow.prompt.text';

/** By detail type: what it is to MLflow, for a model and for a prompt; tags of models are no event there. */
const ENTITIES: Record<DetailType, readonly [WebhookEntity | undefined, WebhookEntity]> = {
  ModelCreated: ['REGISTERED_MODEL', 'PROMPT'],
  ModelVersionSubmitted: ['MODEL_VERSION', 'PROMPT_VERSION'],
  ModelTagSet: [undefined, 'PROMPT_TAG'],
  ModelTagDeleted: [undefined, 'PROMPT_TAG'],
  ModelVersionTagSet: ['MODEL_VERSION_TAG', 'PROMPT_VERSION_TAG'],
  ModelVersionTagDeleted: ['MODEL_VERSION_TAG', 'PROMPT_VERSION_TAG'],
  ModelAliasChanged: ['MODEL_VERSION_ALIAS', 'PROMPT_ALIAS'],
};

/** What a platform event is to MLflow; undefined when it is nothing there. */
export function toWebhookEvent({ detailType, data }: Named): WebhookEvent | undefined {
  if (!isKnown(detailType)) return undefined;
  const [ofModel, ofPrompt] = ENTITIES[detailType];
  const entity = data.prompt === true ? ofPrompt : ofModel;
  return entity && { entity, action: toAction(detailType, data) };
}

function isKnown(detailType: string): detailType is DetailType {
  return (WEBHOOK_DETAIL_TYPES as readonly string[]).includes(detailType);
}

function toAction(detailType: DetailType, { version }: PlatformEvent['data']): WebhookAction {
  if (detailType === 'ModelAliasChanged') return version === null ? 'DELETED' : 'CREATED';
  if (detailType.endsWith('TagSet')) return 'SET';
  return detailType.endsWith('TagDeleted') ? 'DELETED' : 'CREATED';
}

/** The body that is sent and signed. */
export function writePayload(event: WebhookEvent, occurredAt: string, data: object): string {
  return JSON.stringify({
    entity: event.entity.toLowerCase(),
    action: event.action.toLowerCase(),
    // Python's isoformat, which its older versions alone can read.
    timestamp: occurredAt.replace('Z', '000+00:00'),
    data,
  });
}

/** MLflow's `data` of a platform event, field by field. */
export function toPayloadData(event: PlatformEvent): Record<string, unknown> {
  const { model: name, version, key, alias } = event.data as Record<string, string>;
  switch (event.detailType as DetailType) {
    case 'ModelCreated':
      return { name, tags: ownTags(event), description: event.after?.description ?? '' };
    case 'ModelVersionSubmitted':
      return { name, version: String(version), ...versionFields(event) };
    case 'ModelTagSet':
      return { name, key, value: event.after?.value ?? '' };
    case 'ModelTagDeleted':
      return { name, key };
    case 'ModelVersionTagSet':
      return { name, version: String(version), key, value: event.after?.value ?? '' };
    case 'ModelVersionTagDeleted':
      return { name, version: String(version), key };
    case 'ModelAliasChanged':
      return version === null ? { name, alias } : { name, alias, version: String(version) };
  }
}

function versionFields(event: PlatformEvent): Record<string, unknown> {
  const { source, runId = null, description } = event.after ?? {};
  const { [PROMPT_TEXT]: template = null, ...tags } = ownTags(event);
  const common = { tags: ownTags(event), description: description || null };
  return event.data.prompt === true ? { template, ...common, tags } : { source, run_id: runId, ...common };
}

function ownTags({ data, after }: PlatformEvent): Record<string, string> {
  const tags = Object.entries((after?.tags ?? {}) as Record<string, string>);
  return Object.fromEntries(tags.filter(([key]) => data.prompt !== true || !PROMPT_MARKS.includes(key)));
}
