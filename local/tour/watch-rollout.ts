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
      // Functions share two cores with everything else here, and a renewed model rightly expects other delays.
      latencyP95: { maxRatio: 2 },
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
      for (const { weight, reason } of now.steps.slice(steps)) say(`weight ${weight * 100} %: ${reason}`);
      steps = now.steps.length;
      for (const decision of (now.decisions ?? []).toReversed()) {
        if (told.has(decision.minute)) continue;
        told.add(decision.minute);
        say(describeDecision(decision));
      }
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
