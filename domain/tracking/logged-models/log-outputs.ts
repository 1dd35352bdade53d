import type { CallContext } from '../../shared/call-context.ts';
import type { RunStore } from '../ports.ts';
import { changeRun } from '../runs/change-run.ts';
import type { Run } from '../runs/run.ts';

type ModelOutput = Run['modelOutputs'][number];

/**
 * Adds logged models that a run made. MLflow's database refuses a model that is there already; here the same model
 * at the same step passes, so that a client's retry does.
 */
export async function logOutputs(
  runs: RunStore,
  context: CallContext,
  runId: string,
  outputs: readonly ModelOutput[],
): Promise<void> {
  await changeRun(runs, context, runId, (run) => {
    const nameOf = ({ modelId, step }: ModelOutput) => `${step} ${modelId}`;
    const byName = new Map([...run.modelOutputs, ...outputs].map((output) => [nameOf(output), output]));
    return byName.size === run.modelOutputs.length ? run : { ...run, modelOutputs: [...byName.values()] };
  });
}
