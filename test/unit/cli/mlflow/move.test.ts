import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Journal } from '../../../../cli/mlflow/journal.ts';
import { MARK, readTag } from '../../../../cli/mlflow/marks.ts';
import { MlflowServer } from '../../../../cli/mlflow/mlflow-server.ts';
import { move, surveyMove } from '../../../../cli/mlflow/move.ts';
import type { MoveOptions } from '../../../../cli/mlflow/move-context.ts';
import { type Json, MemoryMlflow, Refused } from '../../../support/memory-mlflow.ts';

const folder = mkdtempSync(join(tmpdir(), 'perennial-move-test-'));
const journalFile = join(folder, 'journal.jsonl');
const options = { withArtifacts: true, concurrency: 3, isRecheck: false };
let source: MemoryMlflow;
let target: MemoryMlflow;
let ids: { parent: string; child: string; deleted: string; model: string };

beforeEach(async () => {
  [source, target] = [await MemoryMlflow.start(), await MemoryMlflow.start()];
  ids = fill(source);
});

afterEach(async () => {
  await source.stop();
  await target.stop();
  rmSync(journalFile, { force: true });
});

/** Two experiments, nested and deleted runs, a logged model, a registered one with a gap, a copy of a version. */
function fill(server: MemoryMlflow) {
  const { call } = { call: server.call.bind(server) };
  const { experiment_id } = call('POST experiments/create', {
    name: 'delays',
    tags: [{ key: 'team', value: 'ops' }],
  });
  const create = (run_name: string, start_time: number) =>
    call('POST runs/create', { experiment_id, run_name, user_id: 'ada', start_time }).run.info
      .run_id as string;
  const [parent, child, deleted] = [create('parent', 1), create('child', 2), create('deleted', 3)];
  const metrics = ['NaN', 1.5, 0.1 + 0.2].map((value, step) => ({ key: 'loss', value, timestamp: 7, step }));
  call('POST runs/log-batch', { run_id: parent, metrics, params: [{ key: 'C', value: '1' }] });
  call('POST runs/log-batch', {
    run_id: child,
    tags: [
      { key: 'mlflow.parentRunId', value: parent },
      { key: 'from', value: `see mlflow-artifacts:/1/${parent}/artifacts/model and ${parent}` },
    ],
  });
  call('POST runs/update', { run_id: parent, status: 'FINISHED', end_time: 99 });
  call('POST runs/delete', { run_id: deleted });
  const { model } = call('POST logged-models', { experiment_id, name: 'trees', source_run_id: parent });
  const { model_id, artifact_uri } = model.info;
  call(`PATCH logged-models/${model_id}`, { status: 'LOGGED_MODEL_READY' });
  call('POST runs/outputs', { run_id: parent, models: [{ model_id, step: 0 }] });
  const accuracy = { key: 'accuracy', value: 1, timestamp: 8, step: 0, model_id, dataset_name: 'flights' };
  call('POST runs/log-batch', { run_id: parent, metrics: [accuracy] });
  const root = artifact_uri.replace('mlflow-artifacts:/', '');
  server.files.set(`${root}/MLmodel`, Buffer.from(`run_id: ${parent}\nmodel_id: ${model_id}\n`));
  server.files.set(`1/${parent}/artifacts/docs/notes é.txt`, Buffer.from('seen'));
  call('POST registered-models/create', { name: 'live' });
  call('POST registered-models/create', { name: 'trees', description: 'late?' });
  const origin = { source: `models:/${model_id}`, run_id: parent, model_id };
  for (const _ of '1234') call('POST model-versions/create', { name: 'trees', ...origin });
  for (const version of ['1', '3']) call('DELETE model-versions/delete', { name: 'trees', version });
  call('POST model-versions/create', { name: 'live', source: 'models:/trees/4', run_id: parent });
  call('POST model-versions/transition-stage', { name: 'trees', version: '4', stage: 'Production' });
  call('POST registered-models/alias', { name: 'trees', alias: 'champion', version: '4' });
  return { parent, child, deleted, model: model_id as string };
}

/** Moves as the command does; waiting takes no time. */
async function runMove(changes: Partial<MoveOptions> = {}, journal = journalFile) {
  const sleep = async () => {};
  const concurrency = 3;
  const opened = Journal.open(journal, source.uri, target.uri);
  try {
    return await move({
      source: new MlflowServer({ uri: source.uri, concurrency, sleep }),
      target: new MlflowServer({ uri: target.uri, concurrency, sleep }),
      journal: opened,
      options: { ...options, ...changes },
      show: (_title, work) => work({ at: () => {} }),
    });
  } finally {
    opened.close();
  }
}

const findCopy = (id: string): Json => target.runs.find(({ data }) => readTag(data.tags, MARK.run) === id);
const isWrite = (route: string) => !/^GET|search$/.test(route);

describe('a move between MLflow servers', () => {
  it('copies everything and counts the same on both sides', async () => {
    const { differences, problems, counts } = await runMove();

    expect({ differences, problems }).toEqual({ differences: [], problems: [] });
    expect(counts.target).toMatchObject({
      runs: 3,
      'deleted runs': 1,
      'metric points': 4,
      'logged models': 1,
      versions: 3,
      aliases: 1,
      'artifact files': 2,
    });
  });

  it('keeps what a run says of itself, NaN included', async () => {
    await runMove();

    const { info, data } = findCopy(ids.parent);
    expect(info).toMatchObject({
      run_name: 'parent',
      user_id: 'ada',
      start_time: 1,
      end_time: 99,
      status: 'FINISHED',
    });
    expect(data.params).toEqual([{ key: 'C', value: '1' }]);
    const losses = target.points.filter((p) => p.run_id === info.run_id && p.key === 'loss');
    expect(losses.map(({ value, step, timestamp }) => [value, step, timestamp])).toEqual([
      ['NaN', 0, 7],
      [1.5, 1, 7],
      [0.1 + 0.2, 2, 7],
    ]);
    expect(findCopy(ids.deleted).info.lifecycle_stage).toBe('deleted');
  });

  it("puts the new server's ids and places into tags and into MLmodel", async () => {
    await runMove();

    const parent = findCopy(ids.parent).info;
    const { tags } = findCopy(ids.child).data;
    const [model] = target.loggedModels;
    expect(readTag(tags, 'mlflow.parentRunId')).toBe(parent.run_id);
    expect(readTag(tags, 'from')).toBe(`see ${parent.artifact_uri}/model and ${parent.run_id}`);
    const mlmodel = [...target.files].find(([name]) => name.endsWith('MLmodel'))?.[1];
    expect(String(mlmodel)).toBe(`run_id: ${parent.run_id}\nmodel_id: ${model.info.model_id}\n`);
  });

  it('links logged models with their run, their metrics and datasets', async () => {
    await runMove();

    const parent = findCopy(ids.parent);
    const [{ info, data }] = target.loggedModels;
    expect(info).toMatchObject({ status: 'LOGGED_MODEL_READY', source_run_id: parent.info.run_id });
    expect(data.metrics).toMatchObject([
      { key: 'accuracy', run_id: parent.info.run_id, dataset_name: 'flights' },
    ]);
    expect(parent.outputs.model_outputs).toEqual([{ model_id: info.model_id, step: 0 }]);
  });

  it('keeps the numbers of versions although some are gone, and copies a copy after its original', async () => {
    await runMove();

    const alive = target.versions.filter(({ isDeleted }) => !isDeleted);
    const shown = alive.map(({ name, version, current_stage }) => `${name} ${version} ${current_stage}`);
    expect(shown.sort()).toEqual(['live 1 None', 'trees 2 None', 'trees 4 Production']);
    const model_id = target.loggedModels[0].info.model_id;
    const run_id = findCopy(ids.parent).info.run_id;
    const made = alive.find(({ version }) => version === '4');
    expect(made).toMatchObject({ source: `models:/${model_id}`, run_id, model_id });
  });

  it('changes nothing when it is repeated, with its journal or without', async () => {
    await runMove();
    target.calls.length = 0;

    const again = await runMove();
    const lost = await runMove({}, join(folder, 'other.jsonl'));

    expect([...again.differences, ...again.problems, ...lost.differences, ...lost.problems]).toEqual([]);
    expect(target.calls.filter(isWrite)).toEqual([]);
  });

  it.each([1, 4, 8, 11, 15, 19, 22, 25, 27, 28])(
    'goes on without doubling when it was stopped at write %i',
    async (stop) => {
      let writes = 0;
      target.faults.after = (route) => {
        if (isWrite(route) && ++writes >= stop) throw new Refused(401, 'UNAUTHENTICATED', 'stopped');
      };
      await expect(runMove()).rejects.toThrow('stopped');
      target.faults.after = undefined;
      if (stop % 2 === 0) rmSync(journalFile);

      const { differences, problems } = await runMove();

      expect({ differences, problems }).toEqual({ differences: [], problems: [] });
      expect(target.runs).toHaveLength(3);
      expect(target.loggedModels).toHaveLength(1);
    },
  );

  it('makes nothing twice when the answer to a creation is lost', async () => {
    const lost = new Set<string>();
    target.faults.after = (route) => {
      if (!/runs\/create|logged-models$|model-versions\/create/.test(route) || lost.has(route)) return;
      lost.add(route);
      throw new Refused(502);
    };

    const { differences } = await runMove();

    expect(lost.size).toBe(3);
    expect(differences).toEqual([]);
    expect(target.runs).toHaveLength(3);
    expect(target.loggedModels).toHaveLength(1);
  });

  it('copies what was added since, and nothing else', async () => {
    await runMove();
    const added = source.call('POST runs/create', { experiment_id: '1', run_name: 'new', start_time: 4 }).run
      .info;
    source.call('POST runs/log-batch', { run_id: ids.child, params: [{ key: 'late', value: 'yes' }] });
    target.calls.length = 0;

    const { differences } = await runMove();

    expect(differences).toEqual([]);
    expect(findCopy(added.run_id).info.run_name).toBe('new');
    expect(findCopy(ids.child).data.params).toEqual([{ key: 'late', value: 'yes' }]);
    expect(target.calls.filter((route) => route === 'POST runs/create')).toHaveLength(1);
  });

  it('tells what the target refuses, by name, and copies the rest', async () => {
    source.call('POST model-versions/create', { name: 'trees', source: 's3://model' });
    source.versions.at(-1).source = 's3://refused/model';
    source.call('POST runs/log-batch', { run_id: ids.child, params: [{ key: 'good', value: '1' }] });
    source.findRun(ids.child).data.params.push({ key: 'bad\n', value: '2' });

    const { problems, differences } = await runMove();

    expect(problems.map(({ what }) => what).sort()).toEqual([
      `run ${ids.child}: params 'bad\n'`,
      "version 5 of 'trees'",
    ]);
    expect(differences).toEqual([
      { in: "experiment 'delays'", kind: 'params', source: 3, target: 2 },
      { in: "model 'trees'", kind: 'versions', source: 3, target: 2 },
    ]);
  });

  it("takes a user's copy of a version for no version of its own, though it has the tags", async () => {
    await runMove();
    const version = target.versions.find(({ name, version }) => name === 'trees' && version === '4');
    const { source: uri, tags } = version;
    target.call('POST model-versions/create', { name: 'trees', source: uri, tags });

    const { differences, problems } = await runMove();

    expect({ differences, problems }).toEqual({ differences: [], problems: [] });
    expect(target.versions.at(-1)).toMatchObject({ version: '5', current_stage: 'None' });
    expect(target.versions.at(-1)).not.toHaveProperty('isDeleted');
  });

  it('makes no version before its run is there, since its source could not be changed later', async () => {
    const { problems } = await runMove({ experiments: ['Default'], models: ['trees'] });
    const { differences } = await runMove();

    const reason = `It comes from ${ids.model} of experiment 1, which was not copied.`;
    expect(problems).toContainEqual({ what: "version 2 of 'trees'", reason });
    expect(differences).toEqual([]);
  });

  it('leaves a version alone that the target got from elsewhere', async () => {
    target.call('POST registered-models/create', { name: 'trees' });
    for (const _ of '12') target.call('POST model-versions/create', { name: 'trees', source: 'own' });

    const { problems } = await runMove();

    expect(problems).toEqual([
      { what: "version 2 of 'trees'", reason: expect.stringContaining('did not come from') },
    ]);
    expect(target.versions[1].source).toBe('own');
  });

  it('adds to an experiment of the same name, and counts only what it brought', async () => {
    const { experiment_id } = target.call('POST experiments/create', { name: 'delays' });
    target.call('POST runs/create', { experiment_id, run_name: 'own' });

    const { differences } = await runMove();

    expect(differences).toEqual([]);
    expect(target.runs.filter(({ info }) => info.experiment_id === experiment_id)).toHaveLength(4);
  });

  it('copies a deleted experiment as a deleted one, even when it was stopped before the end', async () => {
    source.call('POST experiments/delete', { experiment_id: '1' });
    await runMove();
    source.findRun(ids.child).data.params.push({ key: 'late', value: 'yes' });

    const { differences, counts } = await runMove();

    expect(differences).toEqual([]);
    expect(counts.target).toMatchObject({ 'deleted experiments': 1, 'deleted runs': 3 });
  });

  it('reads outputs of runs also where a search leaves them out', async () => {
    source.searchShowsOutputs = false;

    const { differences, counts } = await runMove();

    expect(differences).toEqual([]);
    expect(counts.target).toMatchObject({ 'model inputs and outputs': 1 });
  });

  it('moves between servers that have no logged models', async () => {
    source.hasLoggedModels = false;
    source.findRun(ids.parent).outputs = {};
    source.versions.length = 0;
    source.models.length = 0;

    const { differences, problems } = await runMove();

    expect([...differences, ...problems]).toEqual([]);
  });

  it('takes only the named experiments, or the named models and where they come from', async () => {
    source.call('POST experiments/create', { name: 'other' });

    const byExperiment = await runMove({ experiments: ['other'] });
    const byModel = await runMove({ models: ['live', 'trees'] });

    expect(byExperiment.counts.source).toEqual({ experiments: 1, tags: 0 });
    expect(byModel.counts.target).toMatchObject({ experiments: 1, runs: 3, versions: 3 });
    await expect(runMove({ models: ['nowhere'] })).rejects.toThrow(
      'The source has no registered model nowhere.',
    );
  });

  it('only counts on a dry run', async () => {
    const server = new MlflowServer({ uri: source.uri, concurrency: 3 });

    const tally = await surveyMove(server, options, (_title, work) => work({ at: () => {} }));

    expect(tally.total).toMatchObject({ experiments: 2, runs: 3, versions: 3, 'artifact files': 2 });
    expect(target.calls).toEqual([]);
  });
});

describe('the journal', () => {
  it('is of one pair of servers', () => {
    Journal.open(journalFile, 'http://a', 'http://b').close();

    const open = () => Journal.open(journalFile, 'http://a', 'http://c');

    expect(open).toThrow('is the journal of a move from http://a to http://b');
  });

  it('survives a line that was cut off by a kill', () => {
    const moved = { from: 'x', to: 'y', fromUri: 'f', toUri: 't' };
    const first = Journal.open(journalFile, 'http://a', 'http://b');
    first.recordMade('run', moved);
    first.recordDone('run', 'x', 'd');
    first.close();
    const whole = readFileSync(journalFile, 'utf8');
    writeFileSync(journalFile, `${whole}{"made":"run","fro`);

    const second = Journal.open(journalFile, 'http://a', 'http://b');
    second.close();

    expect([...second.made]).toEqual([{ made: 'run', ...moved }]);
    expect(second.isDone('x', 'd')).toBe(true);
    expect(readFileSync(journalFile, 'utf8')).toBe(whole);
  });

  it('is refused while another process uses it', () => {
    writeFileSync(`${journalFile}.lock`, String(process.ppid));

    const open = () => Journal.open(journalFile, 'http://a', 'http://b');

    expect(open).toThrow(`Process ${process.ppid} is moving`);
    rmSync(`${journalFile}.lock`);
  });
});
