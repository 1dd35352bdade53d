import { describeDecision } from '../../cli/rollout-view.ts';
import { waitUntil } from '../../sdk/index.ts';
import type { Say } from './step-log.ts';
import type { TourContext } from './tour-context.ts';

/** Steps of one minute at equal arms: the shortest that the judge takes, and where two versions tell most. */
export const CANARY = {
  strategy: 'canary',
  policy: {
    firstWeight: 0.5,
    weightStep: 0.5,
    stepMinutes: 1,
    maxMinutes: 15,
    coldStartGraceMinutes: 0,
    noDataMinutes: 3,
    guardrails: {
      errorRate: { acceptableAbsolute: 0.05 },
      // Answers take a millisecond, and functions share two cores with everything else here: what stalls them
      // is not the model. And a renewed model rightly expects other delays than the one before.
      latencyP95: { maxRatio: 10 },
      score: { maxShiftSd: 1 },
    },
  },
} as const;

/** Watches a rollout to its end and tells each weight and decision. */
export async function watchRollout({ as }: TourContext, id: string, say: Say) {
  let steps = 0;
  const told = new Set<string>();
  const rollout = await waitUntil(
    async () => {
      const now = await as.viewer.deployment.getRollout({ params: { id } });
      for (const decision of (now.decisions ?? []).toReversed()) {
        if (told.has(decision.minute)) continue;
        told.add(decision.minute);
        say(describeDecision(decision));
      }
      for (const { weight } of now.steps.slice(steps)) say(`the candidate's weight is now ${weight * 100} %`);
      steps = now.steps.length;
      return now;
    },
    ({ status }) => status === 'COMPLETED',
    { timeoutSeconds: 420, intervalSeconds: 1 },
  );
  say(`${rollout.outcome}: ${rollout.reason ?? ''}`);
  return rollout;
}

/** Requests and failures that the judge saw of each version, and what it made of them. */
export function summarizeDecisions(rollout: Awaited<ReturnType<typeof watchRollout>>) {
  return (rollout.decisions ?? []).toReversed().map(({ minute, weight, decision, reason, statistics }) => ({
    ...{ minute, weight, decision, reason },
    candidate: statistics.candidate,
    incumbent: statistics.incumbent,
  }));
}
