import { describe, expect, it, vi } from 'vitest';
import { answerQuery, type FieldResolvers } from '../../../../adapters/graphql/answer-query.ts';
import { NotFoundError } from '../../../../domain/shared/domain-error.ts';

const RUN = {
  info: { run_id: 'r1', experiment_id: '7', status: 'FINISHED', start_time: 1_795_861_562_228 },
  data: {
    metrics: [
      { key: 'auc', value: 0.5, timestamp: 12, step: 3 },
      { key: 'odd', value: 'NaN', timestamp: 12, step: 0 },
      { key: 'big', value: 'Infinity', timestamp: 12, step: 0 },
    ],
  },
};

function ask(query: string, resolvers: FieldResolvers = {}, variables?: Record<string, unknown>) {
  return answerQuery({ query, variables }, resolvers, vi.fn());
}

const getRun: FieldResolvers = { 'Query.mlflowGetRun': () => ({ run: RUN }) };
const askRun = (fields: string) =>
  ask(`{ mlflowGetRun(input: {runId: "r1"}) { run { ${fields} } } }`, getRun);

describe('answerQuery', () => {
  it('answers in camelCase, with int64 as text', async () => {
    const { data, errors } = await askRun('info { runId status startTime } data { metrics { key step } }');

    expect(errors).toBeNull();
    expect(data).toMatchObject({
      mlflowGetRun: {
        run: {
          info: { runId: 'r1', status: 'FINISHED', startTime: '1795861562228' },
          data: { metrics: [{ key: 'auc', step: '3' }, { key: 'odd' }, { key: 'big' }] },
        },
      },
    });
  });

  it('answers null for NaN and the largest double for an infinity', async () => {
    const { data } = await askRun('data { metrics { value } }');

    const values = { metrics: [{ value: 0.5 }, { value: null }, { value: Number.MAX_VALUE }] };
    expect(data).toMatchObject({ mlflowGetRun: { run: { data: values } } });
  });

  it('answers what was not set as protobuf does, and no error as null', async () => {
    const { data } = await ask(
      `{ mlflowGetRun(input: {}) {
        apiError { code }
        run {
          info { userId endTime lifecycleStage }
          inputs { datasetInputs { dataset { name } } }
          outputs { modelOutputs { modelId } }
        }
      } }`,
      getRun,
    );

    expect(data).toMatchObject({
      mlflowGetRun: {
        apiError: null,
        run: {
          info: { userId: '', endTime: '0', lifecycleStage: '' },
          inputs: { datasetInputs: [] },
          outputs: { modelOutputs: [] },
        },
      },
    });
  });

  it("hands a query's input on under the names of REST", async () => {
    const search = vi.fn(() => ({ runs: [] }));
    const input = { experimentIds: ['1'], runViewType: 'ALL', maxResults: 5 };

    await ask(
      `mutation M($input: MlflowSearchRunsInput!) @component(name: "x") {
        mlflowSearchRuns(input: $input) { nextPageToken }
      }`,
      { 'Mutation.mlflowSearchRuns': search },
      { input },
    );

    expect(search).toHaveBeenCalledWith(undefined, {
      experiment_ids: ['1'],
      run_view_type: 'ALL',
      max_results: 5,
    });
  });

  it('says in a sentence what the platform refuses', async () => {
    const resolvers = {
      'Query.mlflowGetRun': () => {
        throw new NotFoundError('run', 'r2');
      },
    };

    const answer = await ask('{ mlflowGetRun(input: {runId: "r2"}) { run { info { runId } } } }', resolvers);

    expect(answer).toEqual({ data: { mlflowGetRun: null }, errors: ["No run 'r2'."] });
  });

  it('keeps what failed to itself, and tells the log', async () => {
    const onFailure = vi.fn();
    const failure = new Error('table perennial-State-1 is gone');
    const resolvers = { 'Query.mlflowGetRun': () => Promise.reject(failure) };
    const query = '{ mlflowGetRun(input: {runId: "r2"}) { run { info { runId } } } }';

    const answer = await answerQuery({ query }, resolvers, onFailure);

    expect(answer.errors).toEqual([expect.stringContaining('The platform failed')]);
    expect(onFailure).toHaveBeenCalledWith(failure);
  });

  it.each([
    ['a field that is not there', '{ nope }', "Cannot query field 'nope' on type 'Query'."],
    ['what is no GraphQL', '{', 'Syntax Error: Expected Name, found <EOF>.'],
    [
      'several operations without a choice',
      'query A { test { output } } query B { test { output } }',
      'Must',
    ],
  ])('says what is wrong with %s', async (_, query, sentence) => {
    const { data, errors } = await ask(query);

    expect(data).toBeNull();
    expect(errors?.[0]?.replaceAll('"', "'")).toContain(sentence);
  });

  const eleven = Array.from({ length: 11 }, (_, index) => `a${index}: `);
  const fragments = eleven.map((_, index) => `fragment F${index} on Test { b${index}: output }`);

  it.each([
    [
      'root fields',
      `{ ${eleven.map((alias) => `${alias}test { output }`)} }`,
      'at most 10 root fields, got 11',
    ],
    [
      'aliases on a level',
      `{ test { ${eleven.map((alias) => `${alias}output`)} } }`,
      'at most 10 aliases, got 11',
    ],
    [
      'aliases that fragments hide',
      `{ test { ${eleven.map((_, index) => `...F${index}`)} } } ${fragments.join(' ')}`,
      'at most 10 aliases, got 11',
    ],
    ['selections', `{ test { ${'output '.repeat(1000)} } }`, 'exceeds maximum total selections of 1000'],
    ['depth', `${'{ a '.repeat(11)}${'}'.repeat(11)}`, 'exceeds maximum depth of 10'],
    ['depth by a fragment of itself', '{ test { ...F } } fragment F on Test { a { ...F } }', 'depth of 10'],
    ['words', `{ ${'a '.repeat(10_001)} }`, 'more than 10000 tokens'],
  ])('refuses too many %s', async (_, query, sentence) => {
    const { data, errors } = await ask(query);

    expect(data).toBeNull();
    expect(errors?.[0]).toContain(sentence);
  });
});
