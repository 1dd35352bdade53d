import { Stack } from 'aws-cdk-lib';
import { describe, expect, it } from 'vitest';
import { Workflow } from '../../lib/constructs/workflow.ts';
import { listStateMachines } from '../support/state-machines.ts';
import { makeTestApp, synthesizePlatform } from '../support/synthesized-platform.ts';

const { resources } = synthesizePlatform();
const machines = resources.filter(({ Type }) => Type === 'AWS::StepFunctions::StateMachine');

describe('workflows', () => {
  it('are all deployed', () => {
    const deployed = machines.map(({ Properties }) => Properties.DefinitionString);
    const files = listStateMachines();

    const forgotten = files.filter(({ text }) => !deployed.includes(JSON.stringify(JSON.parse(text))));

    expect(forgotten.map(({ name }) => name)).toEqual([]);
  });

  it('log every step without payloads, and are traced', () => {
    const silent = machines.filter(
      ({ Properties }) =>
        !JSON.stringify(Properties.LoggingConfiguration).includes('"ALL"') ||
        JSON.stringify(Properties.LoggingConfiguration).includes('"IncludeExecutionData":true') ||
        !JSON.stringify(Properties.TracingConfiguration).includes('true'),
    );

    expect(silent.map(({ name }) => name)).toEqual([]);
  });

  it('fail the synth when their file does not exist', () => {
    const stack = new Stack(makeTestApp());

    const make = () => new Workflow(stack, 'Nothing', { definition: 'do-nothing', bindings: {} });

    expect(make).toThrow('statemachines/do-nothing.asl.json does not exist');
  });

  it.runIf(listStateMachines().length > 0)('fail the synth when a placeholder is not bound', () => {
    const stack = new Stack(makeTestApp());
    const { name } = listStateMachines()[0]!;

    const make = () => new Workflow(stack, 'Unbound', { definition: name, bindings: { Unknown: 'x' } });

    expect(make).toThrow('bindings without a placeholder: Unknown');
  });
});
