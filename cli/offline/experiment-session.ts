import { assignArm, keepAssignmentKey } from '../../domain/deployment/experiment/assign-arm.ts';
import {
  createExperiment,
  type ExperimentState,
  judgeExperiment,
} from '../../domain/deployment/experiment/judge-experiment.ts';
import type { ArmsLine, AssignLine, ExperimentStartLine } from './experiment-lines.ts';

/** A test of several versions, as the line protocol speaks about it. */
export class ExperimentSession {
  #state: ExperimentState;

  constructor({ policy, arms }: ExperimentStartLine) {
    this.#state = createExperiment(policy, arms);
  }

  judge({ minute, arms }: ArmsLine): object {
    const { policy, arms: planned } = this.#state;
    const stranger = arms.find(({ version }) => planned.every((arm) => arm.version !== version));
    if (stranger !== undefined) throw new Error(`Version ${stranger.version} is not an arm of the test.`);
    if (policy.goal === 'rate' && arms.some(({ goal }) => goal.sum > goal.units)) {
      throw new Error('goal.sum counts successes of a rate and must not exceed goal.units.');
    }
    const { state, decision } = judgeExperiment(this.#state, minute, arms);
    this.#state = state;
    return decision;
  }

  assign({ key, secret, test, arms = this.#state.arms }: AssignLine): object {
    const kept = keepAssignmentKey(Buffer.from(secret), key);
    return { version: assignArm(kept, test, arms), kept };
  }
}
