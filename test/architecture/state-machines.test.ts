import { globSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import validate from 'asl-validator';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../support/source-files.ts';
import { listStateMachines, listStates, type State, type StateMachine } from '../support/state-machines.ts';

const machines = listStateMachines();
const functionNames = globSync('functions/*/*/handler.ts', { cwd: ROOT }).map((file) =>
  basename(dirname(file)),
);

const LAMBDA = /^arn:aws:states:::lambda:invoke/;

describe.each(machines)('statemachines/$name.asl.json', ({ text }) => {
  const machine = JSON.parse(text) as StateMachine;
  const tasks = listStates(machine).filter(([, state]) => state.Type === 'Task');

  it('is a state machine that Step Functions takes', () => {
    expect(check(machine)).toEqual([]);
  });

  it('writes expressions in JSONata', () => {
    expect(machine.QueryLanguage).toBe('JSONata');
  });

  it('names each state that calls a function after it', () => {
    const misnamed = tasks
      .filter(([, state]) => LAMBDA.test(state.Resource ?? ''))
      .filter(([name, state]) => !isNamedAfterFunction(name, state))
      .map(([name, state]) => `${name} calls ${functionOf(state)}`);

    expect(misnamed).toEqual([]);
  });

  it('ends each task in a stated time', () => {
    const endless = tasks.filter(([, state]) => state.TimeoutSeconds === undefined).map(([name]) => name);

    expect(endless).toEqual([]);
  });

  it('repeats each task on transient errors', () => {
    const fragile = tasks.filter(([, state]) => !state.Retry?.length).map(([name]) => name);

    expect(fragile).toEqual([]);
  });

  it('has a way out for what goes wrong in each task', () => {
    const isLastResort = ([name, state]: (typeof tasks)[number]) =>
      // What records a failure cannot record its own; the execution then fails, which is logged.
      /^(Record|Mark|Fail|Report|Abort|RollBack|Finish|Compensate)/.test(name) || state.Catch?.length;
    const trapped = tasks
      .filter(([, , isNested]) => !isNested)
      .filter((task) => !isLastResort(task))
      .map(([name]) => name);

    expect(trapped).toEqual([]);
  });
});

describe('the validator of state machines', () => {
  const good = { QueryLanguage: 'JSONata', StartAt: 'A', States: { A: { Type: 'Succeed' } } };

  it('takes a good one', () => {
    expect(check(good as StateMachine)).toEqual([]);
  });

  it.each([
    ['a transition to nowhere', { ...good, States: { A: { Type: 'Pass', Next: 'B' } } }],
    ['a start that does not exist', { ...good, StartAt: 'Z' }],
    ['a state that nothing reaches', { ...good, States: { ...good.States, B: { Type: 'Succeed' } } }],
    ['broken JSONata', { ...good, States: { A: { Type: 'Pass', Output: '{% 1 + %}', End: true } } }],
    [
      'a path where JSONata is spoken',
      { ...good, States: { A: { Type: 'Pass', InputPath: '$', End: true } } },
    ],
  ])('refuses %s', (_, machine) => {
    expect(check(machine as unknown as StateMachine)).not.toEqual([]);
  });
});

function check(machine: StateMachine): unknown[] {
  const result = validate(machine);
  return result.isValid ? [] : result.errors;
}

function functionOf(state: State): string {
  const { FunctionName } = state.Arguments ?? {};
  return /^\$\{(\w+)\}$/.exec(String(FunctionName))?.[1] ?? String(FunctionName);
}

/** `EvaluateCandidate`, or `EvaluateCandidateOnSlices` where a function is called more than once. */
function isNamedAfterFunction(name: string, state: State): boolean {
  const called = functionOf(state);
  return name.startsWith(called) && functionNames.includes(toKebabCase(called));
}

function toKebabCase(name: string): string {
  return name.replaceAll(/(?<=[a-z0-9])(?=[A-Z])/g, '-').toLowerCase();
}
