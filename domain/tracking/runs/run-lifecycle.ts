import { InvalidParameterError } from '../errors.ts';
import type { Experiment } from '../experiments/experiment.ts';
import type { LifecycleStage, Run } from './run.ts';

/**
 * The run as it is in effect. MLflow deletes and restores all runs with their experiment; here the experiment
 * counts its moves, and a run whose stage was set before the last one has the experiment's stage. So deleting an
 * experiment of a million runs is one write.
 */
export function settle(run: Run, experiment: Experiment): Run {
  if (run.moves === experiment.moves) return run;
  const { lifecycleStage, moves, deletedAt } = experiment;
  return { ...run, lifecycleStage, moves, deletedAt };
}

/** The run deleted or restored on its own. */
export function moveTo(run: Run, lifecycleStage: LifecycleStage, nowMs: number): Run {
  return { ...run, lifecycleStage, deletedAt: lifecycleStage === 'deleted' ? nowMs : undefined };
}

/** @throws InvalidParameterError with MLflow's words when the run is deleted */
export function requireActiveRun({ runId, lifecycleStage }: Run): void {
  if (lifecycleStage === 'active') return;
  throw new InvalidParameterError(
    `The run ${runId} must be in the 'active' state. Current state is ${lifecycleStage}.`,
  );
}
