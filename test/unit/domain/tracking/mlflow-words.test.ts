import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryRunStore } from '../../../../adapters/memory/memory-run-store.ts';
import { MemoryStore } from '../../../../adapters/memory/memory-store.ts';
import { setExperimentTag } from '../../../../domain/tracking/experiments/change-experiment.ts';
import { createExperiment } from '../../../../domain/tracking/experiments/create-experiment.ts';
import { createRun } from '../../../../domain/tracking/runs/create-run.ts';
import { logBatch, logOne } from '../../../../domain/tracking/runs/log-batch.ts';
import { logInputs } from '../../../../domain/tracking/runs/log-inputs.ts';
import { getRun } from '../../../../domain/tracking/runs/manage-runs.ts';
import { recordLoggedModel } from '../../../../domain/tracking/runs/record-logged-model.ts';
import { searchDatasets } from '../../../../domain/tracking/runs/search-datasets.ts';
import { makeTestContext, makeTestRandomBytes } from '../../../support/call-context.ts';

const context = makeTestContext();
const nothing = { metrics: [], params: [], tags: [] };
const point = { key: 'm', value: 1, step: 0, timestamp: 1 };
let store: MemoryStore;
let runs: MemoryRunStore;
let deps: Parameters<typeof createRun>[0];
let experimentId: string;
let runId: string;

beforeEach(async () => {
  store = new MemoryStore();
  runs = new MemoryRunStore(store);
  experimentId = (await createExperiment(store, context, { name: 'e' })).experimentId;
  deps = { store, runs, randomBytes: makeTestRandomBytes() };
  runId = (await createRun(deps, context, { experimentId, tags: [] })).runId;
});

describe('a metric, param or tag that MLflow refuses', () => {
  it.each([
    [
      { metrics: [{ ...point, key: 'a$' }] },
      'Invalid value "a$" for parameter \'name\' supplied: Names may only',
    ],
    [
      { metrics: [{ ...point, timestamp: -1 }] },
      "Invalid value -1 for parameter 'timestamp' supplied: metric 'm' (value=1.0). Timestamp must be a nonnegative long (64-bit integer) ",
    ],
    [
      { metrics: [{ ...point, key: 'm'.repeat(251) }] },
      "'Metric name' exceeds the maximum length of 250 characters",
    ],
    [{ params: [{ key: '..', value: '' }] }, "for parameter 'key' supplied: Names may be treated as files"],
    [
      { params: [{ key: 'p'.repeat(251), value: '' }] },
      "'Param key' exceeds the maximum length of 250 characters",
    ],
    [{ tags: [{ key: 't'.repeat(251), value: '' }] }, "'key' exceeds the maximum length of 250 characters"],
  ])('alone is named without its place (%#)', async (one, message) => {
    await expect(logOne(runs, context, runId, one)).rejects.toThrow(message);
  });

  it('in a batch is named with its place', async () => {
    const tags = [
      { key: 'ok', value: '' },
      { key: '/', value: '' },
    ];

    await expect(logBatch(runs, context, runId, { ...nothing, tags })).rejects.toThrow(
      'Invalid value "/" for parameter \'tags[1].key\' supplied',
    );
  });

  it('comes before the number of entries, and the number before doubles', async () => {
    const params = Array.from({ length: 101 }, () => ({ key: 'a', value: '' }));

    await expect(logBatch(runs, context, runId, { ...nothing, params })).rejects.toThrow(
      'at most 100 params. Got 101',
    );
    const doubles = params.slice(0, 3);
    await expect(logBatch(runs, context, runId, { ...nothing, params: doubles })).rejects.toThrow(
      "Duplicate parameter keys have been submitted: ['a', 'a'].",
    );
  });

  it('says what a param was before', async () => {
    await logOne(runs, context, runId, { params: [{ key: 'p', value: "it's" }] });

    await expect(logOne(runs, context, runId, { params: [{ key: 'p', value: '2' }] })).rejects.toThrow(
      `Param with key='p' was already logged with value='it's' for run ID='${runId}'. Attempted logging new value '2'.`,
    );
    const params = [{ key: 'p', value: '2' }];
    await expect(logBatch(runs, context, runId, { ...nothing, params })).rejects.toThrow(
      `logged='[{'key': 'p', 'old_value': "it's", 'new_value': '2'}]'`,
    );
  });

  it('may be the run itself', async () => {
    const message = 'Invalid value "a b" for parameter \'run_id\' supplied.';

    await expect(logBatch(runs, context, 'a b', nothing)).rejects.toThrow(message);
    await expect(logInputs(runs, context, 'a b', [])).rejects.toThrow(message);
  });
});

describe('an experiment', () => {
  it.each([
    ['http://h/a;b', "'artifact_location' URL can't include fragments or params."],
    ['s3://b/a#f', "'artifact_location' URL can't include fragments or params."],
    ['s3://b/a?x=%252e%252e', 'Invalid query string'],
    ['runs:/a/b', "Artifact location cannot be a runs:/ URI. Given: 'runs:/a/b'"],
    [`s3://b/${'a'.repeat(2048)}`, 'cannot be greater than 2048 characters'],
  ])('does not lie at %s', async (artifactLocation, message) => {
    await expect(createExperiment(store, context, { name: 'x', artifactLocation })).rejects.toThrow(message);
  });

  it.each(['s3://b/a;b?x=y', 'mlflow-artifacts:/x', 'my_location'])(
    'may lie at %s',
    async (artifactLocation) => {
      const made = await createExperiment(store, context, { name: 'x', artifactLocation });

      expect(made.artifactLocation).toBe(artifactLocation);
    },
  );

  it('has tags of up to 20,000 characters', async () => {
    await setExperimentTag(store, context, experimentId, { key: 'k', value: 'v'.repeat(20_000) });

    await expect(
      setExperimentTag(store, context, experimentId, { key: 'k', value: 'v'.repeat(20_001) }),
    ).rejects.toThrow("'value' exceeds the maximum length of 20000 characters");
    await expect(
      createExperiment(store, context, { name: 'x', tags: [{ key: '', value: '' }] }),
    ).rejects.toThrow("This name would resolve to '.'");
  });
});

describe("a run's name", () => {
  it('is not taken away by an empty tag', async () => {
    await logOne(runs, context, runId, { tags: [{ key: 'mlflow.runName', value: 'n' }] });

    await logOne(runs, context, runId, { tags: [{ key: 'mlflow.runName', value: '' }] });

    const { name, tags } = await getRun(runs, context, runId);
    expect([name, tags['mlflow.runName']]).toEqual(['n', 'n']);
  });
});

describe('a model that a client of MLflow 2 logged', () => {
  const model = {
    run_id: 'r',
    artifact_path: 'model',
    utc_time_created: 'now',
    model_uuid: 'u',
    signature: {},
    flavors: { sklearn: { config: { long: true }, code: null }, python_function: 'x' },
  };

  it('is in a tag of its run, once', async () => {
    await recordLoggedModel(runs, context, runId, JSON.stringify(model));
    await recordLoggedModel(runs, context, runId, JSON.stringify({ ...model, artifact_path: 'other' }));
    await recordLoggedModel(runs, context, runId, JSON.stringify(model));

    const history = JSON.parse((await getRun(runs, context, runId)).tags['mlflow.log-model.history'] ?? '');
    expect(history.map((each: typeof model) => each.artifact_path)).toEqual(['model', 'other']);
    expect(history[0]).toEqual({
      run_id: 'r',
      utc_time_created: 'now',
      artifact_path: 'model',
      model_uuid: 'u',
      flavors: { sklearn: { code: null }, python_function: 'x' },
    });
  });

  it.each([
    ['nonsense', 'Malformed model info. \n nonsense \n is not a valid JSON.'],
    ['7', 'is not a valid JSON'],
    ['{"run_id":"r","flavors":{},"artifact_path":"a"}', "missing mandatory fields: {'utc_time_created'}"],
  ])('is refused when it is %s', async (json, message) => {
    await expect(recordLoggedModel(runs, context, runId, json)).rejects.toThrow(message);
  });
});

describe('the datasets of experiments', () => {
  const dataset = { name: 'd', digest: '1', source_type: 'local', source: 'x' };
  const use = (value: string) => ({ dataset, tags: [{ key: 'mlflow.data.context', value }] });

  it('are listed once for each context', async () => {
    await logInputs(runs, context, runId, [use('training')]);
    await logInputs(runs, context, runId, [
      use('training'),
      { dataset: { ...dataset, name: 'e' }, tags: [] },
    ]);

    const other = await createRun(deps, context, { experimentId, tags: [] });
    await logInputs(runs, context, other.runId, [{ dataset, tags: [] }]);

    const found = await searchDatasets(runs, context, [experimentId, experimentId, '999']);

    expect(found).toHaveLength(3);
    expect(found).toEqual(
      expect.arrayContaining([
        { experiment_id: experimentId, name: 'd', digest: '1' },
        { experiment_id: experimentId, name: 'd', digest: '1', context: 'training' },
        { experiment_id: experimentId, name: 'e', digest: '1' },
      ]),
    );
  });

  it('are asked for by 1 to 20 experiments', async () => {
    await expect(searchDatasets(runs, context, [])).rejects.toThrow(
      'must specify at least one experiment_id.',
    );
    const ids = Array.from({ length: 21 }, (_, id) => String(id));
    await expect(searchDatasets(runs, context, ids)).rejects.toThrow(
      'cannot specify more than 20 experiment_ids. Received 21 experiment_ids.',
    );
  });

  it.each([
    [{ ...dataset, name: 'x'.repeat(501) }, "'name' exceeds the maximum length of 500 characters"],
    [{ ...dataset, digest: 'x'.repeat(37) }, "'digest' exceeds the maximum length of 36 characters"],
  ])('have limits (%#)', async (long, message) => {
    await expect(logInputs(runs, context, runId, [{ dataset: long, tags: [] }])).rejects.toThrow(message);
  });
});
