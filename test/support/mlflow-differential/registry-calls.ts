import type { Call } from './call.ts';
import { KEYS, someTags, TEXTS, type World } from './world.ts';

type MakeCall = (world: World) => Call;

const STAGES = ['None', 'Staging', 'production', 'ARCHIVED', 'bogus'] as const;
const ALIASES = ['champion', 'b-1', 'C', 'latest', 'v2', 'no alias'] as const;

function createModel(world: World): Call {
  const { random, models } = world;
  const taken = random.chance(0.15) && models.length > 0;
  const name = taken
    ? random.pick(models)
    : random.chance(0.1)
      ? random.pick(['a/b', '..', ' '])
      : world.newName('m');
  const description = random.chance(0.5) ? { description: random.pick(TEXTS) } : {};
  return {
    method: 'POST',
    path: 'registered-models/create',
    input: { name, tags: someTags(random), ...description },
    onSuccess: () => models.push(name),
  };
}

function createVersion(world: World): Call {
  const { random, versions } = world;
  const name = world.aModel();
  const [of] = random.some(versions, 1);
  const source =
    of !== undefined && random.chance(0.15) ? `models:/${of.name}/${of.version}` : 's3://bucket/model';
  const input = {
    name,
    source,
    ...(random.chance(0.5) ? { tags: someTags(random) } : {}),
    ...(random.chance(0.3) ? { run_link: 'http://example.com/run' } : {}),
    ...(random.chance(0.5) ? { description: random.pick(TEXTS) } : {}),
  };
  return {
    method: 'POST',
    path: 'model-versions/create',
    input,
    onSuccess: (answer) => {
      const { version } = answer.model_version as { version: string };
      versions.push({ name, version, stage: 'none' });
    },
  };
}

function renameModel(world: World): Call {
  const { random, models, versions } = world;
  const name = world.aModel();
  const new_name = random.chance(0.2) && models.length > 0 ? random.pick(models) : world.newName('m');
  return {
    method: 'POST',
    path: 'registered-models/rename',
    input: { name, new_name },
    onSuccess: () => {
      models.splice(models.indexOf(name), 1, new_name);
      for (const each of versions) if (each.name === name) each.name = new_name;
    },
  };
}

function transition(world: World): Call {
  const { random, versions } = world;
  const archive = random.chance(0.5) ? { archive_existing_versions: random.chance(0.5) } : {};
  const { name, version } = world.aVersion();
  const known = versions.find((each) => each.name === name && each.version === version);
  // MLflow calls a move to where a version is a change; for the platform it is a repeat.
  const stage = random.pick(STAGES.filter((each) => each.toLowerCase() !== known?.stage));
  return {
    method: 'POST',
    path: 'model-versions/transition-stage',
    input: { name, version, stage, ...archive },
    onSuccess: () => {
      const moved = stage.toLowerCase();
      for (const each of versions.filter((other) => other.name === name)) {
        if (archive.archive_existing_versions && each.stage === moved) each.stage = 'archived';
        if (each.version === version) each.stage = moved;
      }
    },
  };
}

function searchModels({ random }: World): Call {
  const filter = random.pick([
    "name LIKE 'm%'",
    "name ILIKE 'M1%'",
    "name = 'm1'",
    "tags.a = 'v'",
    "tags.b != 'v'",
    'x = 1',
  ]);
  const order = random.pick(['name', 'name DESC', 'last_updated_timestamp DESC', 'bogus']);
  const input = {
    ...(random.chance(0.7) ? { filter } : {}),
    ...(random.chance(0.5) ? { order_by: [order] } : {}),
    max_results: random.pick([1, 2, 100]),
  };
  return { method: 'GET', path: 'registered-models/search', input };
}

function searchVersions({ random }: World): Call {
  const filter = random.pick([
    "name = 'm1'",
    "name LIKE 'm%'",
    "source_path = 's3://bucket/model'",
    'version_number > 1',
    "tags.a = 'v'",
    "run_id = ''",
    'bogus = 1',
  ]);
  const order = random.pick(['name', 'version_number DESC', 'creation_timestamp', 'bogus']);
  const input = {
    ...(random.chance(0.7) ? { filter } : {}),
    ...(random.chance(0.5) ? { order_by: [order] } : {}),
    max_results: random.pick([1, 3, 1000]),
  };
  return { method: 'GET', path: 'model-versions/search', input };
}

function makeTag({ random }: World) {
  return { key: random.pick([...KEYS, 'a/../b', 'bad$']), value: random.pick(TEXTS) };
}

/** Makes calls on models and versions, each as often as its weight says. */
export const REGISTRY_CALLS: readonly (readonly [weight: number, make: MakeCall])[] = [
  [6, createModel],
  [4, (world) => ({ method: 'GET', path: 'registered-models/get', input: { name: world.aModel() } })],
  [2, renameModel],
  [
    2,
    (world) => ({
      method: 'PATCH',
      path: 'registered-models/update',
      input: { name: world.aModel(), description: world.random.pick(TEXTS) },
    }),
  ],
  [1, (world) => ({ method: 'DELETE', path: 'registered-models/delete', input: { name: world.aModel() } })],
  [5, searchModels],
  [
    3,
    (world) => ({
      method: 'POST',
      path: 'registered-models/set-tag',
      input: { name: world.aModel(), ...makeTag(world) },
    }),
  ],
  [
    2,
    (world) => ({
      method: 'DELETE',
      path: 'registered-models/delete-tag',
      input: { name: world.aModel(), key: makeTag(world).key },
    }),
  ],
  [
    4,
    (world) => ({
      method: 'POST',
      path: 'registered-models/alias',
      input: { ...world.aVersion(), alias: world.random.pick(ALIASES) },
    }),
  ],
  [
    3,
    (world) => ({
      method: 'GET',
      path: 'registered-models/alias',
      input: { name: world.aModel(), alias: world.random.pick(ALIASES) },
    }),
  ],
  [
    2,
    (world) => ({
      method: 'DELETE',
      path: 'registered-models/alias',
      input: { name: world.aModel(), alias: world.random.pick(ALIASES) },
    }),
  ],
  [
    3,
    (world) => ({
      method: 'POST',
      path: 'registered-models/get-latest-versions',
      input: {
        name: world.aModel(),
        ...(world.random.chance(0.5) ? { stages: world.random.some(STAGES, 2) } : {}),
      },
    }),
  ],
  [9, createVersion],
  [4, (world) => ({ method: 'GET', path: 'model-versions/get', input: world.aVersion() })],
  [
    2,
    (world) => ({
      method: 'PATCH',
      path: 'model-versions/update',
      input: { ...world.aVersion(), description: world.random.pick(TEXTS) },
    }),
  ],
  [4, transition],
  [1, (world) => ({ method: 'DELETE', path: 'model-versions/delete', input: world.aVersion() })],
  [5, searchVersions],
  [2, (world) => ({ method: 'GET', path: 'model-versions/get-download-uri', input: world.aVersion() })],
  [
    2,
    (world) => ({
      method: 'POST',
      path: 'model-versions/set-tag',
      input: { ...world.aVersion(), ...makeTag(world) },
    }),
  ],
  [
    1,
    (world) => ({
      method: 'DELETE',
      path: 'model-versions/delete-tag',
      input: { ...world.aVersion(), key: makeTag(world).key },
    }),
  ],
];
