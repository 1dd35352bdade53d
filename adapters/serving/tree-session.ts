import type { ModelSession } from '../../domain/serving/ports.ts';
import type { NamedTensors, Tensor } from '../../domain/serving/tensor.ts';
import { answerTrees } from '../../domain/serving/tree-ensemble/answer-trees.ts';
import { matchTreeEnsemble, type TreeEnsemble } from '../../domain/serving/tree-ensemble/match-graph.ts';
import { makeProbes } from '../../domain/serving/tree-ensemble/probes.ts';
import { DEEPEST_UNASKED } from '../../domain/serving/tree-ensemble/sum-trees.ts';
import { readPlainGraph } from '../onnx/read-plain-graph.ts';
import { rewireGraph } from '../onnx/rewire-graph.ts';

/** Reading takes about 20 ms for each 10 MB, all of them in a cold start. */
const MAX_MODEL_BYTES = 10 * 2 ** 20;
/** Sums are exactly the same; exponentials of two libraries differ in the last bit of 32. */
const TOLERANCE = 1e-6;
const MOST_DEEP_ROWS = 16;

/**
 * Answers an ensemble of trees in JavaScript, where calling onnxruntime takes longer than walking the trees.
 * The session stays for what is left to it, and has the last word: unless both agree on rows around the trees'
 * own thresholds, and on the caller's, it answers everything.
 *
 * @param model the bytes of the session's model, or a path, whose model is left to onnxruntime
 * @param examples inputs that the model is known for
 */
export async function preferTrees(
  model: Uint8Array | string,
  session: ModelSession,
  examples: readonly NamedTensors[] = [],
): Promise<ModelSession> {
  if (typeof model === 'string' || model.length > MAX_MODEL_BYTES) return session;
  const graph = readPlainGraph(rewireGraph(model));
  const ensemble = graph === undefined ? undefined : matchTreeEnsemble(graph, session.graph);
  if (ensemble === undefined || !(await doAgree(ensemble, session, examples))) return session;
  return {
    graph: session.graph,
    run: async (feeds) =>
      (isWorth(ensemble, feeds) ? answerTrees(ensemble, feeds) : undefined) ?? session.run(feeds),
  };
}

/** Of deep trees onnxruntime walks many rows faster than JavaScript does. */
function isWorth({ trees, sources }: TreeEnsemble, feeds: NamedTensors): boolean {
  return trees.depth <= DEEPEST_UNASKED || (feeds[sources[0]!.input]?.dims[0] ?? 0) <= MOST_DEEP_ROWS;
}

async function doAgree(
  ensemble: TreeEnsemble,
  session: ModelSession,
  examples: readonly NamedTensors[],
): Promise<boolean> {
  try {
    for (const feeds of [...examples, ...makeProbes(ensemble, session.graph)]) {
      const expected = await session.run(feeds);
      const actual = answerTrees(ensemble, feeds);
      if (actual === undefined) return false;
      const isSame = ensemble.outputs.every(({ name }) => isClose(actual[name], expected[name]));
      if (!isSame) return false;
    }
    return true;
  } catch {
    // A probe that onnxruntime refuses says nothing about the model, and so nothing for the trees.
    return false;
  }
}

function isClose(actual: Tensor | undefined, expected: Tensor | undefined): boolean {
  if (actual === undefined || expected === undefined || actual.type !== expected.type) return false;
  if (actual.dims.join() !== expected.dims.join() || actual.data.length !== expected.data.length)
    return false;
  for (let i = 0; i < actual.data.length; i++) {
    const [a, b] = [actual.data[i]!, expected.data[i]!];
    if (Object.is(a, b) || a === b) continue;
    if (typeof a !== 'number' || typeof b !== 'number') return false;
    if (!(Math.abs(a - b) <= TOLERANCE * Math.max(1, Math.abs(b)))) return false;
  }
  return true;
}
