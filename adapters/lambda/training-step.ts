import type { CallContext } from '../../domain/shared/call-context.ts';
import type { Store } from '../../domain/shared/store.ts';
import type { StepName, TrainingExecution } from '../../domain/training/execution.ts';
import type { TrainingCall } from '../../domain/training/ports.ts';
import { getRunning, recordStep } from '../../domain/training/run-execution.ts';
import { makeSystemContext } from './call-context.ts';

export interface StepWork<T> {
  /** What the API shows of the step. */
  readonly result: Readonly<Record<string, unknown>>;
  /** What the state answers. */
  readonly output: T;
}

/**
 * Runs one step of an execution and keeps what it found, with its times.
 *
 * @throws TrainingEndedError when the execution was stopped meanwhile
 */
export async function runStep<T>(
  store: Store,
  call: TrainingCall & { readonly trial?: number },
  name: StepName,
  work: (context: CallContext, execution: TrainingExecution) => Promise<StepWork<T>>,
): Promise<T> {
  const context = makeSystemContext(call.tenant, call.actor, call.requestId);
  const { value: execution } = await getRunning(store, call.tenant, call.executionId);
  const { result, output } = await work(context, execution);
  const times = { startedAt: isoAt(context.nowMs), endedAt: isoAt(Date.now()) };
  await recordStep(store, call.tenant, execution.id, { name, ...times, result }, call.trial);
  return output;
}

function isoAt(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
