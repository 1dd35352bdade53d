import { breakCall } from './break-call.ts';
import type { Call } from './call.ts';
import { REGISTRY_CALLS } from './registry-calls.ts';
import { TRACKING_CALLS } from './tracking-calls.ts';
import type { World } from './world.ts';

const CALLS = [...TRACKING_CALLS, ...REGISTRY_CALLS];
const WEIGHTS = CALLS.reduce((sum, [weight]) => sum + weight, 0);

/** The next call: mostly one that makes sense, every sixth with an argument that does not. */
export function generateCall(world: World): Call {
  let left = world.random.next() * WEIGHTS;
  const chosen = CALLS.find(([weight]) => {
    left -= weight;
    return left < 0;
  });
  const call = (chosen ?? CALLS[0])?.[1](world) as Call;
  return world.random.chance(1 / 6) ? breakCall(call, world.random) : call;
}

/** Asks for the page after an answer's, if it has one. */
export function continuePage(call: Call, number: number): Call {
  return { ...call, input: { ...call.input, page_token: `@token${number}` } };
}
