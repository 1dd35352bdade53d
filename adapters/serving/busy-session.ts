import type { ModelSession } from '../../domain/serving/ports.ts';
import type { NamedTensors } from '../../domain/serving/tensor.ts';
import { preferTrees } from './tree-session.ts';

/**
 * About what reading the trees of a usual model and asking onnxruntime about them takes a fresh process. It would
 * nearly double a cold start, and an environment that ends after a few rows would never get it back.
 */
const PREPARATION_MS = 40;

/**
 * The session as it was opened, until an environment has spent as long in it as the preparation of its trees
 * takes; from then on what `preferTrees` makes of it. Whatever comes after, no environment works twice as long as
 * it must: the rule for renting skis (https://en.wikipedia.org/wiki/Ski_rental_problem).
 *
 * @param readExamples inputs that the model is known for; asked for only then
 */
export function preferTreesWhenBusy(
  model: Uint8Array | string,
  session: ModelSession,
  readExamples: () => readonly NamedTensors[] = () => [],
): ModelSession {
  let best = session;
  let unread: Uint8Array | string | undefined = model;
  let spentMs = 0;
  const prepare = async () => {
    const read = unread;
    unread = undefined;
    if (read !== undefined) best = await preferTrees(read, session, readExamples());
  };
  return {
    graph: session.graph,
    run: async (feeds) => {
      if (unread !== undefined && spentMs >= PREPARATION_MS) await prepare();
      if (unread === undefined) return best.run(feeds);
      const started = performance.now();
      const answer = await session.run(feeds);
      spentMs += performance.now() - started;
      return answer;
    },
  };
}
