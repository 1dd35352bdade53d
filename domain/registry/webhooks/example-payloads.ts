import { formatWebhookEvent, type WebhookEvent } from './webhook-event.ts';

const tags = { example_key: 'example_value' };
const alias = { alias: 'example_alias' };
const set = { key: 'example_key', value: 'example_value' };
const deleted = { key: 'example_key' };
const model = { name: 'example_model' };
const prompt = { name: 'example_prompt' };
const version = { version: '1' };

/** What MLflow sends when a webhook is tested, by event. */
const EXAMPLES: Readonly<Record<string, object>> = {
  'registered_model.created': { ...model, tags, description: 'An example registered model' },
  'model_version.created': {
    ...{ ...model, ...version, source: 'models:/123', run_id: 'abcd1234abcd5678' },
    ...{ tags, description: 'An example model version' },
  },
  'model_version_tag.set': { ...model, ...version, ...set },
  'model_version_tag.deleted': { ...model, ...version, ...deleted },
  'model_version_alias.created': { ...model, ...alias, ...version },
  'model_version_alias.deleted': { ...model, ...alias },
  'prompt.created': { ...prompt, tags, description: 'An example prompt' },
  'prompt_version.created': {
    ...{ ...prompt, ...version, template: 'Hello {{name}}!' },
    ...{ tags, description: 'An example prompt version' },
  },
  'prompt_tag.set': { ...prompt, ...set },
  'prompt_tag.deleted': { ...prompt, ...deleted },
  'prompt_version_tag.set': { ...prompt, ...version, ...set },
  'prompt_version_tag.deleted': { ...prompt, ...version, ...deleted },
  'prompt_alias.created': { ...prompt, ...alias, ...version },
  'prompt_alias.deleted': { ...prompt, ...alias },
  'budget_policy.exceeded': {
    ...{ budget_policy_id: 'bp-abc123', budget_unit: 'USD', budget_amount: 100, current_spend: 105.5 },
    ...{ duration_unit: 'MONTHS', duration_value: 1, target_scope: 'ENDPOINT', workspace: 'default' },
    ...{ target_value: 'ep-abc123', window_start: 1_704_067_200_000 },
  },
};

export function examplePayload(event: WebhookEvent): object {
  return EXAMPLES[formatWebhookEvent(event)] ?? {};
}
