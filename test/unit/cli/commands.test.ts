import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { addDeclaredCommands, nameCommand, parseValue } from '../../../cli/declared-commands.ts';
import { exitCodeOf, NegativeVerdict, toErrorJson, toErrorText, UsageError } from '../../../cli/errors.ts';
import { toText } from '../../../cli/output.ts';
import { describeDecision, describeState } from '../../../cli/rollout-view.ts';
import { PerennialApiError, ROUTES, type Route } from '../../../sdk/index.ts';

const NO_COMMAND = [
  'getHealth',
  'getVersion',
  'getOpenApi',
  'createUpload',
  'createDatasetUpload',
  'registerModel',
];

describe('the declared commands', () => {
  it('are one per platform route, each under a name of its own', () => {
    const program = new Command();
    addDeclaredCommands(program);

    const routes = Object.values(ROUTES)
      .flatMap((table) => Object.values(table) as Route[])
      .filter(({ surface, operationId }) => surface === 'platform' && !NO_COMMAND.includes(operationId));

    const names = routes.map(({ operationId }) => nameCommand(operationId).join(' '));
    const made = program.commands.flatMap((noun) =>
      noun.commands.map((verb) => `${noun.name()} ${verb.name()}`),
    );
    expect(new Set(names).size).toBe(names.length);
    expect(made.sort()).toEqual([...names].sort());
  });

  it.each([
    ['listModelVersions', 'model-version list'],
    ['listRetrainingPolicies', 'retraining-policy list'],
    ['getEndpoint', 'endpoint show'],
    ['rollBackEndpoint', 'endpoint rollback'],
  ])('calls %s "%s"', (operationId, name) => {
    expect(nameCommand(operationId).join(' ')).toBe(name);
  });

  it.each([
    ['a number', { type: 'integer' }, '5', 5],
    ['a text that looks like one', { type: 'string' }, '5', '5'],
    ['a boolean', { type: 'boolean' }, 'true', true],
    ['words with commas as a list', { type: 'array' }, 'a, b', ['a', 'b']],
    ['JSON as an object', { type: 'object' }, '{"a":1}', { a: 1 }],
    ['one of several types', { anyOf: [{ type: 'integer' }, { type: 'string' }] }, '@live', '@live'],
  ])('read %s', (_case, schema, text, value) => {
    expect(parseValue('x', schema, text)).toEqual(value);
  });

  it('refuse broken JSON by the flag’s name', () => {
    expect(() => parseValue('policy', { type: 'object' }, '{')).toThrow('--policy must be JSON');
  });
});

describe('exit codes', () => {
  it.each([
    [new UsageError('x'), 2],
    [new NegativeVerdict('x'), 3],
    [new PerennialApiError(404, {}), 2],
    [new PerennialApiError(500, {}), 1],
    [new Error('x'), 1],
  ])('%s ends with %i', (error, code) => {
    expect(exitCodeOf(error)).toBe(code);
  });

  it('go with the fields that are wrong, and the request id when it is our fault', () => {
    const mine = new PerennialApiError(400, {
      detail: 'Wrong.',
      errors: [{ path: 'name', message: 'is short' }],
      requestId: 'r',
    });
    const ours = new PerennialApiError(500, { detail: 'Broken.', requestId: 'r1' });

    expect(toErrorText(mine)).toBe('Wrong.\n  name: is short');
    expect(toErrorText(ours)).toBe('Broken.\n  request r1');
    expect(toErrorJson(mine)).toMatchObject({ code: 'HTTP_400', status: 400, requestId: 'r' });
    expect(toErrorJson(new UsageError('no'))).toEqual({ code: 'UsageError', message: 'no' });
  });
});

describe('what people read', () => {
  it('is a table for lists, with how to see more', () => {
    const text = toText({
      items: [
        { name: 'a', size: 1, tags: {} },
        { name: 'longer', size: null, tags: {} },
      ],
      nextCursor: 'c1',
    });

    expect(text).toBe('NAME    SIZE\na       1\nlonger  -\nmore: --cursor c1');
    expect(toText({ items: [], nextCursor: null })).toBe('(none)');
  });

  it('is lines for one thing, without what is absent', () => {
    expect(toText({ name: 'a', reason: null, tags: { k: 'v' } })).toBe('name: a\ntags: {"k":"v"}');
    expect(toText('OK')).toBe('OK');
  });

  it('shows a decision with its evidence against its boundary', () => {
    const guardrails = [{ name: 'errorRate', statistic: 1.2345, boundary: 100 }, { name: 'quality' }];
    const decision = {
      minute: '2026-03-01T12:04:00.000Z',
      weight: 0.3,
      decision: 'CONTINUE',
      reason: 'The step holds.',
    };

    expect(describeDecision({ ...decision, statistics: { guardrails } })).toBe(
      '12:04   30 %  CONTINUE   The step holds.  [errorRate 1.23 of 100]',
    );
    expect(describeDecision({ ...decision, statistics: {} })).toBe(
      '12:04   30 %  CONTINUE   The step holds.',
    );
  });
});

describe('describeState', () => {
  const rollout = {
    ...{ status: 'PAUSED', pauseReason: null, weight: 0.2, awaiting: null },
    steps: [{ at: '2026-03-01T12:00:00.000Z', reason: 'Step 1 is complete.' }],
  };

  it('tells an approver what waits and how to let it go on', () => {
    const awaiting = { since: '2026-03-01T12:00:00.000Z', reason: 'Waits for an approval.' };

    expect(describeState({ ...rollout, pauseReason: 'APPROVAL', awaiting })).toBe(
      "PAUSED (APPROVAL) at 20 %: Waits for an approval. An approver says so with 'rollout resume'.",
    );
  });

  it.each([
    ['FREEZE', "goes on by itself; 'freeze-calendar show'"],
    ['OPERATOR', "until 'rollout resume'"],
    ['NO_DATA', 'PAUSED (NO_DATA) at 20 %.'],
  ])('says what ends a pause: %s', (pauseReason, said) => {
    expect(describeState({ ...rollout, pauseReason })).toContain(said);
  });

  it('tells why a running rollout has the weight it has', () => {
    expect(describeState({ ...rollout, status: 'RUNNING' })).toBe('RUNNING at 20 %: Step 1 is complete.');
    expect(describeState({ ...rollout, status: 'PENDING', weight: 0, steps: [] })).toBe('PENDING at 0 %.');
  });
});
