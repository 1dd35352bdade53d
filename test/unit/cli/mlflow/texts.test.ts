import { describe, expect, it } from 'vitest';
import { compareTallies, Tally } from '../../../../cli/mlflow/counts.ts';
import { IdMap } from '../../../../cli/mlflow/id-map.ts';
import { digestRun } from '../../../../cli/mlflow/marks.ts';
import { describeReport } from '../../../../cli/mlflow/report.ts';
import { type StepEvent, showLines, toLine } from '../../../../cli/mlflow/show-steps.ts';
import { listOrigins } from '../../../../cli/mlflow/version-origin.ts';
import type { MlflowRun } from '../../../../cli/mlflow/wire.ts';

const run = { from: 'a'.repeat(32), to: 'b'.repeat(32) };
const model = { from: `m-${'c'.repeat(32)}`, to: `m-${'d'.repeat(32)}` };
const ids = new IdMap();
ids.add({
  ...run,
  fromUri: `s3://bucket/1/${run.from}/artifacts`,
  toUri: `mlflow-artifacts:/7/${run.to}/artifacts`,
});
ids.add({
  ...model,
  fromUri: `/mlruns/1/models/${model.from}`,
  toUri: `mlflow-artifacts:/7/models/${model.to}`,
});

describe('texts with ids', () => {
  it.each([
    [run.from, run.to],
    [`runs:/${run.from}/model`, `runs:/${run.to}/model`],
    [`models:/${model.from}`, `models:/${model.to}`],
    [`s3://bucket/1/${run.from}/artifacts/model`, `mlflow-artifacts:/7/${run.to}/artifacts/model`],
    [`/mlruns/1/models/${model.from}/MLmodel`, `mlflow-artifacts:/7/models/${model.to}/MLmodel`],
    [`[{"run_id": "${run.from}"}]`, `[{"run_id": "${run.to}"}]`],
    [`${run.from}${'a'.repeat(32)}`, `${run.from}${'a'.repeat(32)}`],
    ['e'.repeat(32), 'e'.repeat(32)],
  ])('%s becomes %s', (text, expected) => {
    expect(ids.rewrite(text)).toBe(expected);
  });
});

describe('the origin of a version', () => {
  it('is first what the source says, then only the owner of the files', () => {
    const version = { name: 'm', version: '1', source: `models:/${model.from}`, run_id: run.from };

    const origins = listOrigins(ids, version);

    const source = `models:/${model.to}`;
    expect(origins).toEqual([
      { source, run_id: run.to, isLast: false },
      { source, run_id: run.to, model_id: model.to, isLast: false },
      { source, model_id: model.to, isLast: false },
      { source, isLast: true },
    ]);
  });
});

describe("a run's digest", () => {
  const make = (
    changes: object,
    tags = [
      { key: 'a', value: '1' },
      { key: 'b', value: '2' },
    ],
  ): MlflowRun => ({ info: { run_id: 'x', status: 'FINISHED', ...changes }, data: { tags } }) as never;

  it('is the same in whatever order the server lists its parts', () => {
    const other = make({}, [
      { key: 'b', value: '2' },
      { key: 'a', value: '1' },
    ]);

    expect(digestRun(make({}))).toBe(digestRun(other));
  });

  it('changes with the run', () => {
    const digests = [make({}), make({ status: 'FAILED' }), make({ end_time: 1 }), make({}, [])].map(
      digestRun,
    );

    expect(new Set(digests).size).toBe(4);
  });
});

describe('the report', () => {
  it('shows both sides, what differs and what was not copied', () => {
    const [from, to] = [new Tally(), new Tally()];
    from.add("experiment 'x'", 'runs', 3);
    to.add("experiment 'x'", 'runs', 2);
    const counts = { source: from.total, target: to.total };
    const problems = [{ what: 'run r', reason: 'refused' }];

    const text = describeReport({
      from: 'a',
      to: 'b',
      counts,
      problems,
      differences: compareTallies(from, to),
    });

    expect(text).toMatch(/^a → b\n +source {2}target\n/);
    expect(text).toMatch(/^runs +3 +2 {2}≠$/m);
    expect(text).toContain("experiment 'x': runs 3 on the source, 2 on the target");
    expect(text).toContain('run r: refused');
  });
});

describe('steps without a terminal', () => {
  it('are told as they begin, now and then, and as they end', async () => {
    const events: StepEvent[] = [];
    let now = 0;
    const show = showLines(
      (event) => events.push(event),
      () => now,
    );

    await show('Runs', async ({ at }) => {
      for (now = 0; now <= 6000; now += 2000) at(now / 2000, 3);
    });

    expect(events.map(toLine)).toEqual(['Runs …', 'Runs: working 3 of 3 (6 s)', 'Runs: done 3 of 3 (8 s)']);
  });
});
