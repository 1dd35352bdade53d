import { type CallContext, isoTime } from '../shared/call-context.ts';
import { makeEvent } from '../shared/event.ts';
import type { Change, Item } from '../shared/store.ts';
import { put } from './command-rollout.ts';
import type { TrafficDependencies } from './complete-rollout.ts';
import { RolloutStepChanged } from './events.ts';
import { toTraffic } from './foreign-traffic.ts';
import { type Rollout, rolloutFacts } from './rollout.ts';

/** What a tick decided; what it leaves out stays. */
export interface Move {
  readonly weight: number;
  readonly reason: string;
  /** What somebody else did to the traffic: it is told, and put back even when the weight stays. */
  readonly foreign?: string | undefined;
  /** Committed with the move. */
  readonly together?: readonly Change[];
}

/** Stores what was decided, then tells Lambda; a crash in between is made good by the next tick. */
export async function moveWeight(
  deps: TrafficDependencies,
  context: CallContext,
  item: Item<Rollout>,
  next: Rollout,
  { weight, reason, foreign, together = [] }: Move,
): Promise<void> {
  const at = isoTime(context);
  const isMoved = weight !== item.value.weight;
  const value: Rollout = {
    ...next,
    weight,
    steps: isMoved ? [...next.steps, { at, weight, reason }] : next.steps,
    lastAdvancedAt: at,
    updatedAt: at,
  };
  const isNews =
    isMoved ||
    foreign !== undefined ||
    value.status !== item.value.status ||
    value.pauseReason !== item.value.pauseReason;
  const told = [foreign, reason].filter((part) => part).join(' ');
  const event = stepEvent(context, item.revision + 1, value, told);
  await deps.store.commit([put(item, value), ...together, ...(isNews ? [{ emit: event }] : [])]);
  if (value.weight === value.appliedWeight && foreign === undefined) return;
  await applyWeight(deps, context, value);
  const stored = { ...item, revision: item.revision + 1 };
  await deps.store.commit([put(stored, { ...value, appliedWeight: value.weight })]);
}

async function applyWeight(deps: TrafficDependencies, context: CallContext, rollout: Rollout): Promise<void> {
  const traffic = toTraffic(rollout);
  if (traffic === undefined) return;
  const functionName = deps.names.functionName(context.tenant, rollout.endpoint);
  await deps.functions.setTraffic(functionName, traffic.primary, traffic.candidate);
}

function stepEvent(context: CallContext, sequence: number, rollout: Rollout, reason: string) {
  const status: 'RUNNING' | 'PAUSED' = rollout.status === 'PAUSED' ? 'PAUSED' : 'RUNNING';
  const { pauseReason, weight } = rollout;
  return makeEvent(RolloutStepChanged, context, {
    resource: `endpoints/${rollout.endpoint}/rollouts/${rollout.id}`,
    sequence,
    data: { ...rolloutFacts(rollout), status, pauseReason, weight, reason },
  });
}
