import type { CallContext } from '../shared/call-context.ts';
import { NotFoundError } from '../shared/domain-error.ts';
import { getExecution, hasEnded, type TrainingExecution, toCall } from './execution.ts';
import type { TrainingRunner } from './ports.ts';
import { type ExecutionDependencies, endExecution } from './run-execution.ts';
import { listRunningExecutions, type RunningExecution } from './running-executions.ts';

/** A request that records and starts takes seconds; whoever is not known after this long was never started. */
const START_LOST_MS = 60_000;
const PAGE = 200;

export interface Reconciled {
  readonly restarted: readonly string[];
  readonly failed: readonly string[];
}

/**
 * Gives executions that an outage interrupted a defined end: those that never reached Step Functions are
 * started, those whose machine ended without saying so are FAILED with what Step Functions knows.
 */
export async function reconcileExecutions(
  deps: ExecutionDependencies & { readonly runner: TrainingRunner },
  contextOf: (running: RunningExecution) => CallContext,
): Promise<Reconciled> {
  const { items } = await listRunningExecutions(deps.store, { limit: PAGE });
  const restarted: string[] = [];
  const failed: string[] = [];
  for (const { value: running } of items) {
    const context = contextOf(running);
    const execution = await findUnended(deps, running);
    if (execution === undefined) continue;
    const state = await deps.runner.describe(execution.id);
    if (state === undefined && context.nowMs - Date.parse(running.since) > START_LOST_MS) {
      await deps.runner.start(toCall(context.tenant, execution));
      restarted.push(execution.id);
    } else if (state?.running === false) {
      const reason = `The workflow was interrupted (${state.error ?? 'without a reason'}); start the training again.`;
      await endExecution(deps, context, execution.id, { status: 'FAILED', reason, reasons: [] });
      failed.push(execution.id);
    }
  }
  return { restarted, failed };
}

async function findUnended(
  { store }: ExecutionDependencies,
  { tenant, executionId }: RunningExecution,
): Promise<TrainingExecution | undefined> {
  try {
    const { value } = await getExecution(store, tenant, executionId);
    return hasEnded(value) ? undefined : value;
  } catch (error) {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  }
}
