import type { JudgeTick, SilenceState } from './judge-state.ts';
import type { RolloutPolicy } from './policy.ts';

/** Silence is held this long before it ends the rollout: a quiet lunch hour is no verdict. */
const HOLD_MINUTES = 30;

/**
 * While the incumbent is called, silence ends the rollout only when this many requests should have reached the
 * candidate: at 2 requests a minute and 10 % of the traffic half an hour without one is chance (e⁻¹⁰ = 0.005 %).
 */
const SURPRISING_REQUESTS = 10;

/** A weight of 1 would make every incumbent request infinitely surprising. */
const LARGEST_WEIGHT = 0.95;

export function startSilence(): SilenceState {
  return { minutes: 0, expected: 0, incumbentRequests: 0 };
}

/** Counts the minute; any candidate request, failed ones included, ends the silence. */
export function addSilence(silence: SilenceState, tick: JudgeTick): SilenceState {
  if (tick.candidate.requests > 0) return startSilence();
  const weight = Math.min(LARGEST_WEIGHT, Math.max(0, tick.weight));
  const expected = (tick.incumbent.requests * weight) / (1 - weight);
  return {
    minutes: silence.minutes + 1,
    expected: silence.expected + expected,
    incumbentRequests: silence.incumbentRequests + tick.incumbent.requests,
  };
}

/** Long enough without a candidate request to pause. */
export function isSilent(silence: SilenceState, policy: RolloutPolicy): boolean {
  return silence.minutes >= policy.noDataMinutes;
}

/** Paused long enough to end the rollout, and not by a chance that low traffic makes likely. */
export function wasSilentTooLong(silence: SilenceState, policy: RolloutPolicy): boolean {
  if (silence.minutes <= policy.noDataMinutes + HOLD_MINUTES) return false;
  return silence.incumbentRequests === 0 || silence.expected >= SURPRISING_REQUESTS;
}
