import { describe, expect, it } from 'vitest';
import { MemorySigningKey } from '../../../../adapters/memory/memory-signing-key.ts';
import { setModelVersionStage } from '../../../../domain/registry/change-stage.ts';
import { decideApproval } from '../../../../domain/registry/decide-approval.ts';
import { setModelAlias } from '../../../../domain/registry/manage-aliases.ts';
import {
  deleteModelVersion,
  getModelVersion,
  listModelVersions,
  updateModelVersion,
} from '../../../../domain/registry/manage-versions.ts';
import { getVersionItem } from '../../../../domain/registry/model-records.ts';
import { createRegistryReader } from '../../../../domain/registry/read-registry.ts';
import {
  listModelVersionFiles,
  verifyModelVersion,
} from '../../../../domain/registry/verify-model-version.ts';
import { getModelVersionLineage } from '../../../../domain/registry/version-lineage.ts';
import { makeTestContext } from '../../../support/call-context.ts';
import { RegistryWorld } from '../../../support/registry-world.ts';

const context = makeTestContext();
const bob = makeTestContext({ actor: 'tok_bob' });
const first = { name: 'churn', ref: 1 };

async function makeWorld(versions = 1, input: Record<string, unknown> = {}) {
  const world = new RegistryWorld();
  await world.model();
  for (let i = 0; i < versions; i++) await world.version(input);
  return world;
}

async function prefixOf(world: RegistryWorld) {
  return (await getVersionItem(world.store, 'acme', 'churn', 1)).version.value.prefix;
}

describe('a version', () => {
  it('is found by number, label, alias and @latest', async () => {
    const world = await makeWorld(2);
    await updateModelVersion(world.store, context, first, { semver: '1.0.0' });
    await setModelAlias(world.store, context, 'churn', { alias: 'champion', version: 1 });

    const found = await Promise.all(
      ['1', '1.0.0', '@champion', '@latest'].map((ref) =>
        getModelVersion(world.store, context, { name: 'churn', ref }),
      ),
    );

    expect(found.map(({ version }) => version)).toEqual([1, 1, 1, 2]);
    expect(found[0]?.aliases).toEqual(['champion']);
  });

  it.each(['7', '9.9.9', '@nobody', '@constructor', 'toString', '@latest'])(
    'is absent as %s',
    async (ref) => {
      const world = await makeWorld(0);

      await expect(getModelVersion(world.store, context, { name: 'churn', ref })).rejects.toMatchObject({
        code: 'NOT_FOUND',
      });
    },
  );

  it('is listed newest first, by stage and status when asked', async () => {
    const world = await makeWorld(3);
    const input = { stage: 'staging', archiveExisting: false, reason: '' } as const;
    await setModelVersionStage(world.store, context, { name: 'churn', ref: 2 }, input);

    const all = await listModelVersions(world.store, context, 'churn', { limit: 2 });
    const staging = await listModelVersions(world.store, context, 'churn', { limit: 10, stage: 'staging' });
    const refused = await listModelVersions(world.store, context, 'churn', { limit: 10, status: 'REFUSED' });

    expect(all.items.map(({ version }) => version)).toEqual([3, 2]);
    expect(all.nextCursor).not.toBeNull();
    expect(staging.items.map(({ version }) => version)).toEqual([2]);
    expect(refused.items).toEqual([]);
  });

  it('changes description, tags and label, and lets a label go', async () => {
    const world = await makeWorld(2);

    await updateModelVersion(world.store, context, first, {
      description: 'd',
      tags: { a: '1' },
      semver: '1.0.0',
    });
    await updateModelVersion(world.store, context, first, { semver: null });
    const { version } = await updateModelVersion(
      world.store,
      context,
      { name: 'churn', ref: 2 },
      { semver: '1.0.0' },
    );

    expect(version.value.semver).toBe('1.0.0');
    expect(await getModelVersion(world.store, context, first)).toMatchObject({
      description: 'd',
      tags: { a: '1' },
    });
  });

  it('refuses a label in use, and another revision', async () => {
    const world = await makeWorld(2);
    await updateModelVersion(world.store, context, first, { semver: '1.0.0' });
    const second = { name: 'churn', ref: 2 };

    await expect(updateModelVersion(world.store, context, second, { semver: '1.0.0' })).rejects.toThrow(
      'exists',
    );
    await expect(updateModelVersion(world.store, context, second, {}, 99)).rejects.toMatchObject({
      status: 412,
    });
  });

  it('leaves with its aliases and label, and its number is not used again', async () => {
    const world = await makeWorld(1, { semver: '1.0.0' });
    await setModelAlias(world.store, context, 'churn', { alias: 'a', version: 1 });

    await deleteModelVersion(world.store, context, first);
    const next = await world.version({ semver: '1.0.0' });

    expect(next.version).toBe(2);
    await expect(getModelVersion(world.store, context, { name: 'churn', ref: '@a' })).rejects.toThrow();
    expect(world.eventTypes()).toContain('ModelVersionDeleted');
  });

  it('is not deleted at another revision', async () => {
    const world = await makeWorld();

    const deleting = deleteModelVersion(world.store, context, first, { ifMatch: 99 });

    await expect(deleting).rejects.toMatchObject({ status: 412 });
  });
});

describe('verifyModelVersion', () => {
  it('holds for what was registered', async () => {
    const world = await makeWorld();

    const verification = await verifyModelVersion(world.deps, context, first);

    expect(verification).toMatchObject({ verified: true, problems: [], files: [{ ok: true }, { ok: true }] });
    expect(verification.publicKeys[0]).toContain('BEGIN PUBLIC KEY');
  });

  it('names files that were changed, taken away and slipped in', async () => {
    const world = await makeWorld();
    const prefix = await prefixOf(world);
    await world.storage.write(`${prefix}model.onnx`, Buffer.from('other'));
    await world.storage.write(`${prefix}extra.bin`, Buffer.from('x'));
    await world.storage.delete([`${prefix}signature.json`]);

    const { verified, problems } = await verifyModelVersion(world.deps, context, first);

    expect({ verified, problems }).toEqual({
      verified: false,
      problems: [
        'extra.bin was not there when the version was signed.',
        'model.onnx was changed after it was signed.',
        'signature.json is gone.',
      ],
    });
  });

  it('does not take the signature of another key, version or none', async () => {
    const world = await makeWorld(2);
    const prefix = await prefixOf(world);
    const other = { ...world.deps, keys: new MemorySigningKey() };
    const foreign = await verifyModelVersion(other, context, first);
    await world.storage.copy(prefix.replace(/1\/$/, '2/model.sig'), `${prefix}model.sig`);
    const swapped = await verifyModelVersion(world.deps, context, first);
    await world.storage.delete([`${prefix}model.sig`]);
    const gone = await verifyModelVersion(world.deps, context, first);

    expect(foreign.problems[0]).toContain('not made by any of the trusted keys');
    expect(swapped.problems).toContain(
      'The signature is not the one that was made when the version was registered.',
    );
    expect(gone.problems).toEqual(['model.sig is gone.']);
  });

  it('refuses versions that were never signed', async () => {
    const world = await makeWorld(0);
    world.checksRun = false;
    await world.version();

    await expect(verifyModelVersion(world.deps, context, first)).rejects.toThrow('is still being checked');
  });

  it('passes failures of the storage on', async () => {
    const world = await makeWorld();
    world.storage.read = async () => Promise.reject(new Error('no network'));

    await expect(verifyModelVersion(world.deps, context, first)).rejects.toThrow('no network');
  });
});

describe('listModelVersionFiles', () => {
  it('gives an address for each file, the signature included', async () => {
    const world = await makeWorld();

    const { items } = await listModelVersionFiles(world.deps, context, first);

    expect(items.map(({ path }) => path)).toEqual(['model.onnx', 'model.sig', 'signature.json']);
    expect(items[0]?.expiresAt).toBe('2026-03-01T12:15:00.000Z');
  });
});

describe('getModelVersionLineage', () => {
  it('links a version with what it was made from', async () => {
    const lineage = {
      runId: 'r1',
      datasetVersion: { dataset: 'flights', version: 3 },
      codeCommit: 'abc',
      trainingExecution: 'exe_1',
      champion: 4,
    };
    const world = await makeWorld(1, { lineage });

    const graph = await getModelVersionLineage(world.store, context, first);

    expect(graph.nodes.map(({ resource }) => resource)).toEqual([
      'models/churn/versions/1',
      'runs/r1',
      'training-executions/exe_1',
      'datasets/flights/versions/3',
      'commits/abc',
      'models/churn/versions/4',
    ]);
    expect(graph.edges).toContainEqual({
      from: 'models/churn/versions/1',
      to: 'datasets/flights/versions/3',
      relation: 'trained-on',
    });
  });

  it('is one node when nothing is known', async () => {
    const world = await makeWorld();

    expect(await getModelVersionLineage(world.store, context, first)).toMatchObject({ edges: [] });
  });
});

describe('the registry as others read it', () => {
  it('gives what deploying a version needs', async () => {
    const world = await makeWorld();

    const version = await createRegistryReader(world.store).getDeployable('acme', 'churn', '1');

    expect(version).toMatchObject({
      model: 'churn',
      version: 1,
      status: 'READY',
      artifactPrefix: await prefixOf(world),
      statementDigest: expect.stringMatching(/^[0-9a-f]{64}$/),
      scoreRange: { low: 0, high: 1 },
      loadMs: 7,
    });
  });

  it('refuses to deploy what is not READY, not approved, or rejected', async () => {
    const world = await makeWorld(2);
    const reader = createRegistryReader(world.store);
    world.checksRun = false;
    await world.version();
    await decideApproval(world.store, bob, first, { decision: 'rejected', reason: '' });
    await world.policy({ approval: { required: true } });

    await expect(reader.getDeployable('acme', 'churn', 1)).rejects.toThrow('was rejected');
    await expect(reader.getDeployable('acme', 'churn', 2)).rejects.toThrow('waits for an approval');
    await expect(reader.getDeployable('acme', 'churn', 3)).rejects.toMatchObject({
      code: 'MODEL_VERSION_NOT_SERVABLE',
    });
  });

  it('finds versions in whatever state, and nothing else', async () => {
    const world = await makeWorld(0);
    world.checksRun = false;
    await world.version();
    const reader = createRegistryReader(world.store);

    expect(await reader.findVersion('acme', 'churn', 1)).toMatchObject({ status: 'CHECKING', files: [] });
    expect(await reader.findVersion('acme', 'churn', 2)).toBeUndefined();
    expect(await reader.findVersion('acme', 'nope', 1)).toBeUndefined();
    expect(await reader.findVersion('globex', 'churn', 1)).toBeUndefined();
  });

  it('takes what is in production as the champion, else the newest that may be deployed', async () => {
    const world = await makeWorld(3);
    const reader = createRegistryReader(world.store);
    const newest = await reader.findChampion('acme', 'churn');
    await setModelVersionStage(world.store, context, first, {
      stage: 'production',
      archiveExisting: false,
      reason: '',
    });
    const inProduction = await reader.findChampion('acme', 'churn');

    expect([newest?.version, inProduction?.version]).toEqual([3, 1]);
    expect(await reader.findChampion('acme', 'nope')).toBeUndefined();
    await world.model('empty');
    expect(await reader.findChampion('acme', 'empty')).toBeUndefined();
  });

  it('finds the last approved version', async () => {
    const world = await makeWorld(3);
    const reader = createRegistryReader(world.store);
    await decideApproval(world.store, bob, { name: 'churn', ref: 2 }, { decision: 'rejected', reason: '' });

    expect((await reader.findLastApproved('acme', 'churn', 3))?.version).toBe(1);
    expect((await reader.findLastApproved('acme', 'churn', 1))?.version).toBe(3);
  });

  it('finds no last approved version where there is none', async () => {
    const world = await makeWorld(1);

    expect(await createRegistryReader(world.store).findLastApproved('acme', 'churn', 1)).toBeUndefined();
  });

  it('reads the policy with who set it', async () => {
    const world = await makeWorld(0);
    const reader = createRegistryReader(world.store);
    const before = await reader.getPolicy('acme', 'churn');
    await world.policy({ rollOutOnApproval: true });

    expect(before).toMatchObject({ rollOutOnApproval: false, updatedBy: undefined });
    expect(await reader.getPolicy('acme', 'churn')).toMatchObject({
      rollOutOnApproval: true,
      updatedBy: 'tok_alice',
    });
  });
});
