import type * as z from 'zod';
import { NotFoundError } from '../shared/domain-error.ts';
import type { Change, Item, Key, Store } from '../shared/store.ts';
import type {
  EXECUTION_STATUSES,
  EXECUTION_STEPS,
  EXECUTION_TRIGGERS,
  trainingExecution,
} from './contract.ts';
import type { PipelineInput } from './pipeline-contract.ts';
import type { TrainingCall } from './ports.ts';

export type ExecutionStatus = (typeof EXECUTION_STATUSES)[number];
export type ExecutionTrigger = (typeof EXECUTION_TRIGGERS)[number];
export type StepName = (typeof EXECUTION_STEPS)[number];
type ExecutionView = z.output<typeof trainingExecution>;

/** One execution of a pipeline, with the settings that held when it was started. */
export interface TrainingExecution extends Omit<ExecutionView, 'steps' | 'revision'> {
  readonly settings: PipelineInput;
}

/** What a step of an execution found; written once more when the step is repeated. */
export interface ExecutionStep {
  readonly name: StepName;
  readonly startedAt: string;
  readonly endedAt: string;
  readonly result: Readonly<Record<string, unknown>>;
}

export const STEP_PREFIX = 'step#';

export function executionKey(tenant: string, id: string): Key {
  return { tenant, kind: 'training-execution', id };
}

export function executionsList(pipeline: string): string {
  return `training-executions#${pipeline}`;
}

/** @throws NotFoundError */
export async function getExecution(
  store: Store,
  tenant: string,
  id: string,
): Promise<Item<TrainingExecution>> {
  const item = await store.get<TrainingExecution>(executionKey(tenant, id));
  if (item === undefined) throw new NotFoundError('training execution', id);
  return item;
}

export function hasEnded({ status }: Pick<TrainingExecution, 'status'>): boolean {
  return status !== 'PENDING' && status !== 'RUNNING';
}

/** A change of an execution that keeps its place in the list. */
export function putExecution(item: Item<TrainingExecution>, value: TrainingExecution): Change {
  const placement = { list: executionsList(value.pipeline), sort: value.createdAt };
  return { put: item.key, value, expect: item.revision, placement };
}

/** The execution as the API answers it. */
export function toExecutionView(
  { value, revision }: Item<TrainingExecution>,
  steps: readonly ExecutionStep[] = [],
): ExecutionView {
  const { settings: _, ...view } = value;
  return { ...view, steps: [...steps], revision };
}

/** What every event of an execution says. */
export function eventFacts({ id, pipeline, model, dataset, datasetVersion }: TrainingExecution) {
  return { executionId: id, pipeline, model, dataset, datasetVersion };
}

/** What the states of the machine are told about an execution. */
export function toCall(tenant: string, { id, createdBy }: TrainingExecution): TrainingCall {
  return { tenant, actor: createdBy, requestId: id, executionId: id };
}
