import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { ROOT } from './source-files.ts';

/** A state as Amazon States Language writes it; only what the tests look at. */
export interface State {
  readonly Type: string;
  readonly Resource?: string;
  readonly Arguments?: Readonly<Record<string, unknown>>;
  readonly Retry?: readonly unknown[];
  readonly Catch?: readonly unknown[];
  readonly TimeoutSeconds?: unknown;
  readonly HeartbeatSeconds?: unknown;
  readonly Branches?: readonly StateMachine[];
  readonly ItemProcessor?: StateMachine;
}

export interface StateMachine {
  readonly StartAt: string;
  readonly QueryLanguage?: string;
  readonly States: Readonly<Record<string, State>>;
}

export interface StateMachineFile {
  readonly name: string;
  readonly text: string;
}

export function listStateMachines(): StateMachineFile[] {
  return globSync('statemachines/*.asl.json', { cwd: ROOT })
    .sort()
    .map((file) => ({
      name: basename(file, '.asl.json'),
      text: readFileSync(join(ROOT, file), 'utf8'),
    }));
}

/** All states by name, those of parallel branches and maps included. */
export function listStates(machine: StateMachine): [name: string, state: State, isNested: boolean][] {
  return collect(machine, false);
}

function collect(machine: StateMachine, isNested: boolean): [string, State, boolean][] {
  return Object.entries(machine.States).flatMap(([name, state]): [string, State, boolean][] => {
    const inner = [...(state.Branches ?? []), ...(state.ItemProcessor ? [state.ItemProcessor] : [])];
    return [[name, state, isNested], ...inner.flatMap((child) => collect(child, true))];
  });
}
