import { createJudge, judgeTick } from '../../domain/deployment/judge/judge.ts';
import type { Cause, JudgeState } from '../../domain/deployment/judge/judge-state.ts';
import { parsePolicy } from '../../domain/deployment/judge/policy.ts';
import type { Case } from './cases.ts';
import { Traffic } from './traffic.ts';

/** How one simulated rollout ended. */
export interface Rollout {
  readonly outcome: 'PROMOTE' | 'ROLL_BACK' | 'UNDECIDED';
  readonly cause: Cause | 'NONE';
  readonly guardrail: string;
  /** Minutes from the start to the end, the last one counted. */
  readonly minutes: number;
  readonly firstPauseAt: number | null;
  /** Candidate requests from the minute in which it turned bad. */
  readonly harmedRequests: number;
  readonly ticks: number;
  readonly largestState: number;
}

/** Runs one rollout of a case with the default policy, changed by `policy`. */
export function simulateRollout(scenario: Case, seed: number, policy: unknown = {}): Rollout {
  const parsed = parsePolicy(policy);
  const traffic = new Traffic(scenario.world, seed);
  let state: JudgeState = createJudge(parsed, { task: scenario.world.task });
  let weight = parsed.firstWeight;
  let firstPauseAt: number | null = null;
  let harmedRequests = 0;
  const turnsAt = scenario.turnsAt ?? 0;
  for (let minute = 0; minute <= parsed.maxMinutes; minute += 1) {
    const behaviour = scenario.later !== undefined && minute >= turnsAt ? scenario.later : scenario.candidate;
    const both = traffic.minute(minute, weight, scenario.incumbent, behaviour);
    const answer = judgeTick(state, { tick: minute, minute, weight, ...both });
    state = answer.state;
    const { decision, cause } = answer.decision;
    weight = answer.decision.weight ?? weight;
    if (minute >= turnsAt) harmedRequests += both.candidate.requests;
    if (decision === 'PAUSE') firstPauseAt ??= minute;
    if (decision === 'ROLL_BACK' || decision === 'PROMOTE') {
      const worst = answer.decision.guardrails.reduce<{ name: string; share: number }>(
        (best, { name, statistic, boundary }) =>
          statistic / boundary > best.share ? { name, share: statistic / boundary } : best,
        { name: 'none', share: 0 },
      );
      const largestState = JSON.stringify(state).length;
      return {
        outcome: decision,
        cause,
        guardrail: worst.name,
        minutes: minute + 1,
        firstPauseAt,
        harmedRequests,
        ticks: minute + 1,
        largestState,
      };
    }
  }
  return {
    outcome: 'UNDECIDED',
    cause: 'NONE',
    guardrail: 'none',
    minutes: parsed.maxMinutes,
    firstPauseAt,
    harmedRequests,
    ticks: parsed.maxMinutes + 1,
    largestState: JSON.stringify(state).length,
  };
}
