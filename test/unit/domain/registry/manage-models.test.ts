import { describe, expect, it } from 'vitest';
import { listNamesById } from '../../../../domain/registry/list-models.ts';
import { deleteModelAlias, setModelAlias } from '../../../../domain/registry/manage-aliases.ts';
import {
  deleteModel,
  ensureModel,
  listModels,
  renameModel,
  updateModel,
} from '../../../../domain/registry/manage-models.ts';
import { getModelItem } from '../../../../domain/registry/model-records.ts';
import { listVersionEntries } from '../../../../domain/registry/version-entries.ts';
import { toModelView } from '../../../../domain/registry/views.ts';
import { makeTestContext, NOON_MS } from '../../../support/call-context.ts';
import { RegistryWorld } from '../../../support/registry-world.ts';

const context = makeTestContext();

describe('createModel', () => {
  it('makes a model without versions, with its event', async () => {
    const world = new RegistryWorld();

    const model = await world.model('churn', { task: 'classification', tags: { team: 'growth' } });

    expect(toModelView(model)).toMatchObject({
      name: 'churn',
      task: 'classification',
      tags: { team: 'growth' },
      latestVersion: null,
      createdBy: 'tok_alice',
      revision: 1,
    });
    expect(world.store.events).toMatchObject([
      { detailType: 'ModelCreated', resource: 'models/churn', sequence: 1 },
    ]);
  });

  it('refuses a name that is taken', async () => {
    const world = new RegistryWorld();
    await world.model();

    await expect(world.model()).rejects.toThrow("A model 'churn' exists already.");
  });

  it('lets another tenant have the same name', async () => {
    const world = new RegistryWorld();
    await world.model();

    await world.model('churn', {}, makeTestContext({ tenant: 'globex' }));

    expect([...(await listNamesById(world.store, 'globex')).values()]).toHaveLength(1);
  });

  it.each(['register', 'Register'])('refuses the reserved name %s', async (name) => {
    const world = new RegistryWorld();

    await expect(world.model(name)).rejects.toThrow('is a reserved name');
  });

  it('passes failures of the store on', async () => {
    const world = new RegistryWorld();
    world.store.commit = async () => Promise.reject(new Error('throttled'));

    await expect(world.model()).rejects.toThrow('throttled');
    await expect(ensureModel(world.store, context, { name: 'x', description: '', tags: {} })).rejects.toThrow(
      'throttled',
    );
  });
});

describe('ensureModel', () => {
  it('finds the model that is there', async () => {
    const world = new RegistryWorld();
    const model = await world.model();

    const found = await ensureModel(world.store, context, { name: 'churn', description: 'new', tags: {} });

    expect(found.value).toEqual(model.value);
  });
});

describe('listModels', () => {
  it('lists newest first, in pages', async () => {
    const world = new RegistryWorld();
    for (const [i, name] of ['a', 'b', 'c'].entries()) {
      await world.model(name, {}, makeTestContext({ nowMs: NOON_MS + i }));
    }

    const first = await listModels(world.store, context, { limit: 2 });
    const second = await listModels(world.store, context, { limit: 2, cursor: first.nextCursor ?? '' });

    expect(first.items.map(({ name }) => name)).toEqual(['c', 'b']);
    expect(second).toMatchObject({ items: [{ name: 'a' }], nextCursor: null });
  });
});

describe('updateModel', () => {
  it('changes what is given and keeps the rest', async () => {
    const world = new RegistryWorld();
    await world.model('churn', { description: 'old', tags: { a: '1' } });

    const { value } = await updateModel(world.store, context, 'churn', { description: 'new' });

    expect(value).toMatchObject({ description: 'new', tags: { a: '1' } });
    expect(world.store.events.at(-1)).toMatchObject({
      detailType: 'ModelUpdated',
      before: { description: 'old' },
      after: { description: 'new' },
    });
  });

  it('refuses a revision that is not the stored one', async () => {
    const world = new RegistryWorld();
    await world.model();

    await expect(updateModel(world.store, context, 'churn', {}, 7)).rejects.toMatchObject({
      code: 'PRECONDITION_FAILED',
    });
  });

  it('refuses an absent model', async () => {
    await expect(updateModel(new RegistryWorld().store, context, 'x', {})).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });

  it('reads again when somebody else was faster', async () => {
    const world = new RegistryWorld();
    await world.model();
    const commit = world.store.commit.bind(world.store);
    let intrusions = 1;
    world.store.commit = async (changes) => {
      if (intrusions-- > 0)
        await updateModel({ ...bound(world), commit }, context, 'churn', { description: 'theirs' });
      return commit(changes);
    };

    const { value, revision } = await updateModel(world.store, context, 'churn', { tags: { a: '1' } });

    expect(value).toMatchObject({ description: 'theirs', tags: { a: '1' } });
    expect(revision).toBe(3);
  });

  it('gives up when it loses ten times', async () => {
    const world = new RegistryWorld();
    await world.model();
    const commit = world.store.commit.bind(world.store);
    world.store.commit = async (changes) => {
      await updateModel({ ...bound(world), commit }, context, 'churn', { description: 'theirs' });
      return commit(changes);
    };

    await expect(updateModel(world.store, context, 'churn', { tags: {} })).rejects.toMatchObject({
      code: 'CONCURRENT_CHANGE',
    });
  });
});

describe('renameModel', () => {
  it('keeps versions and frees the old name', async () => {
    const world = new RegistryWorld();
    await world.model();
    await world.version();

    await renameModel(world.store, context, 'churn', 'attrition');

    expect((await getModelItem(world.store, 'acme', 'attrition')).value.lastVersion).toBe(1);
    await expect(getModelItem(world.store, 'acme', 'churn')).rejects.toThrow("No model 'churn'");
  });

  it('refuses a name that is taken, and takes its own', async () => {
    const world = new RegistryWorld();
    await world.model();
    await world.model('other');

    await expect(renameModel(world.store, context, 'churn', 'other')).rejects.toThrow('exists already');
    expect((await renameModel(world.store, context, 'churn', 'churn')).value.name).toBe('churn');
  });
});

describe('deleteModel', () => {
  it('removes the model with everything in its partition and frees the name', async () => {
    const world = new RegistryWorld();
    await world.model();
    await world.version();
    await world.policy({ gates: [] });

    await deleteModel(world.store, context, 'churn');

    expect([...(await listNamesById(world.store, 'acme')).values()]).toEqual([]);
    expect(await listVersionEntries(world.store, 'acme')).toEqual([]);
    expect((await world.model()).value.lastVersion).toBe(0);
    expect(world.eventTypes()).toContain('ModelDeleted');
  });

  it('leaves the files, which an endpoint may still load', async () => {
    const world = new RegistryWorld();
    await world.model();
    await world.version();

    await deleteModel(world.store, context, 'churn');

    expect([...world.storage.objects.keys()].some((key) => key.endsWith('model.sig'))).toBe(true);
  });
});

describe('aliases', () => {
  it('point at one version and move', async () => {
    const world = new RegistryWorld();
    await world.model();
    await world.version();
    await world.version();

    await setModelAlias(world.store, context, 'churn', { alias: 'champion', version: 1 });
    const moved = await setModelAlias(world.store, context, 'churn', { alias: 'champion', version: 2 });

    expect(moved.value.aliases).toEqual({ champion: 2 });
    expect(world.eventData('ModelAliasChanged')).toMatchObject([{ version: 1 }, { version: 2 }]);
  });

  it('change nothing when they point there already', async () => {
    const world = new RegistryWorld();
    await world.model();
    await world.version();
    const first = await setModelAlias(world.store, context, 'churn', { alias: 'a', version: '1' });

    const second = await setModelAlias(world.store, context, 'churn', { alias: 'a', version: '@a' });

    expect(second.revision).toBe(first.revision);
  });

  it('may be called like a member of every object', async () => {
    const world = new RegistryWorld();
    await world.model();

    await deleteModelAlias(world.store, context, 'churn', { alias: 'constructor' });

    expect(world.eventTypes()).not.toContain('ModelAliasChanged');
  });

  it('refuse versions that are not there', async () => {
    const world = new RegistryWorld();
    await world.model();

    const set = setModelAlias(world.store, context, 'churn', { alias: 'a', version: 9 });

    await expect(set).rejects.toThrow("No version of model 'churn' '9'");
  });

  it('go away once', async () => {
    const world = new RegistryWorld();
    await world.model();
    await world.version();
    await setModelAlias(world.store, context, 'churn', { alias: 'a', version: 1 });

    await deleteModelAlias(world.store, context, 'churn', { alias: 'a' });
    const again = await deleteModelAlias(world.store, context, 'churn', { alias: 'a' });

    expect(again.value.aliases).toEqual({});
  });
});

/** The store's methods as own properties, so that one can be replaced. */
function bound({ store }: RegistryWorld) {
  return {
    get: store.get.bind(store),
    getMany: store.getMany.bind(store),
    list: store.list.bind(store),
    listParts: store.listParts.bind(store),
    listEvents: store.listEvents.bind(store),
  };
}
