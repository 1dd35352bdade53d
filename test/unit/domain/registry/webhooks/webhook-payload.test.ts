import { describe, expect, it } from 'vitest';
import { deleteModelAlias, setModelAlias } from '../../../../../domain/registry/manage-aliases.ts';
import {
  deleteModelTag,
  deleteVersionTag,
  setModelTag,
  setVersionTag,
} from '../../../../../domain/registry/manage-tags.ts';
import { makeMlflowVersions } from '../../../../../domain/registry/mlflow-versions.ts';
import { WEBHOOK_DETAIL_TYPES } from '../../../../../domain/registry/webhook-contract.ts';
import { examplePayload } from '../../../../../domain/registry/webhooks/example-payloads.ts';
import { WEBHOOK_ACTIONS, WEBHOOK_ENTITIES } from '../../../../../domain/registry/webhooks/webhook-event.ts';
import {
  toPayloadData,
  toWebhookEvent,
  writePayload,
} from '../../../../../domain/registry/webhooks/webhook-payload.ts';
import { makeTestContext } from '../../../../support/call-context.ts';
import { RegistryWorld } from '../../../../support/registry-world.ts';

const context = makeTestContext();
const IS_PROMPT = { key: 'mlflow.prompt.is_prompt', value: 'true' };
const RUN = 'a'.repeat(32);

/** Everything that can happen to a model of this name, and what webhooks are told. */
async function live(name: string, tags: readonly { key: string; value: string }[], versionTags = tags) {
  const world = new RegistryWorld();
  world.knownRuns.set(RUN, { prefix: 'tenants/acme/experiments/1/x/', metrics: {} });
  const ofModel = Object.fromEntries(tags.map(({ key, value }) => [key, value]));
  await world.model(name, { description: 'text', tags: ofModel });
  const source = tags.includes(IS_PROMPT) ? 'dummy-source' : 's3://bucket/model';
  const version = { name, source, run_id: undefined, tags: versionTags };
  await makeMlflowVersions(world.deps).create(context, version);
  const { store } = world;
  await setModelTag(store, context, name, { key: 'k', value: 'v' });
  await deleteModelTag(store, context, name, 'k');
  await setVersionTag(store, context, { name, ref: 1 }, { key: 'k', value: '' });
  await deleteVersionTag(store, context, { name, ref: 1 }, 'k');
  await setModelAlias(store, context, name, { alias: 'best', version: 1 });
  await deleteModelAlias(store, context, name, { alias: 'best' });
  return store.events.flatMap((event) => {
    const meaning = toWebhookEvent(event);
    return meaning === undefined ? [] : [[`${meaning.entity}.${meaning.action}`, toPayloadData(event)]];
  });
}

describe('what webhooks are told', () => {
  it("of a model is MLflow's payload, field by field", async () => {
    const told = await live('m', [{ key: 'team', value: 'red' }]);

    const version = { name: 'm', version: '1' };
    expect(told).toEqual([
      ['REGISTERED_MODEL.CREATED', { name: 'm', tags: { team: 'red' }, description: 'text' }],
      [
        'MODEL_VERSION.CREATED',
        { ...version, source: 's3://bucket/model', run_id: null, tags: { team: 'red' }, description: null },
      ],
      ['MODEL_VERSION_TAG.SET', { ...version, key: 'k', value: '' }],
      ['MODEL_VERSION_TAG.DELETED', { ...version, key: 'k' }],
      ['MODEL_VERSION_ALIAS.CREATED', { name: 'm', alias: 'best', version: '1' }],
      ['MODEL_VERSION_ALIAS.DELETED', { name: 'm', alias: 'best' }],
    ]);
  });

  it("of a prompt is MLflow's payload without the marks of a prompt", async () => {
    const marks = [IS_PROMPT, { key: '_mlflow_prompt_type', value: 'text' }, { key: 'team', value: 'red' }];

    const told = await live('p', marks, [...marks, { key: 'mlflow.prompt.text', value: 'Hi {{you}}' }]);

    const version = { name: 'p', version: '1' };
    expect(told).toEqual([
      ['PROMPT.CREATED', { name: 'p', tags: { team: 'red' }, description: 'text' }],
      [
        'PROMPT_VERSION.CREATED',
        { ...version, template: 'Hi {{you}}', tags: { team: 'red' }, description: null },
      ],
      ['PROMPT_TAG.SET', { name: 'p', key: 'k', value: 'v' }],
      ['PROMPT_TAG.DELETED', { name: 'p', key: 'k' }],
      ['PROMPT_VERSION_TAG.SET', { ...version, key: 'k', value: '' }],
      ['PROMPT_VERSION_TAG.DELETED', { ...version, key: 'k' }],
      ['PROMPT_ALIAS.CREATED', { name: 'p', alias: 'best', version: '1' }],
      ['PROMPT_ALIAS.DELETED', { name: 'p', alias: 'best' }],
    ]);
  });

  it('is one event for a version, whichever way it came and whatever becomes of it', async () => {
    const world = new RegistryWorld();
    await world.model();
    await world.version({ description: 'by upload' });

    const told = world.store.events.filter((event) => toWebhookEvent(event)?.entity === 'MODEL_VERSION');

    expect(told.map(toPayloadData)).toMatchObject([
      { name: 'churn', version: '1', source: expect.stringContaining('upl_'), description: 'by upload' },
    ]);
  });

  it('is nothing of other events', () => {
    expect(toWebhookEvent({ detailType: 'ModelDeleted', data: { model: 'm' } })).toBeUndefined();
    expect(toWebhookEvent({ detailType: 'constructor', data: {} })).toBeUndefined();
  });

  it('has its time as Python writes it', () => {
    const body = writePayload({ entity: 'PROMPT_ALIAS', action: 'DELETED' }, '2026-03-01T12:00:00.123Z', {
      name: 'p',
    });

    expect(body).toBe(
      '{"entity":"prompt_alias","action":"deleted","timestamp":"2026-03-01T12:00:00.123000+00:00","data":{"name":"p"}}',
    );
  });
});

describe('an example', () => {
  const all = WEBHOOK_ENTITIES.flatMap((entity) =>
    WEBHOOK_ACTIONS[entity].map((action) => ({ entity, action })),
  );

  it.each(all)('is there for $entity $action', (event) => {
    expect(Object.keys(examplePayload(event)).length).toBeGreaterThan(1);
  });

  it('has the fields of what really comes', async () => {
    const told = await live('m', [{ key: 'a', value: 'b' }]);

    for (const [name, data] of told as [string, object][]) {
      const [entity, action] = name.split('.') as [never, never];
      expect(Object.keys(data)).toEqual(Object.keys(examplePayload({ entity, action })));
    }
    expect(WEBHOOK_DETAIL_TYPES).toHaveLength(7);
  });
});
