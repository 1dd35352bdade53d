import type { NamedTensors, Tensor } from '../tensor.ts';
import { readMatrix } from './feature-sources.ts';
import { finishClasses, finishTargets, type ScoreRules } from './finish-scores.ts';
import type { TreeEnsemble } from './match-graph.ts';
import { sumTrees } from './sum-trees.ts';

/** What the graph's outputs are for these inputs; undefined where only onnxruntime can tell. */
export function answerTrees(ensemble: TreeEnsemble, feeds: NamedTensors): NamedTensors | undefined {
  const { trees, rules, sources } = ensemble;
  const rows = feeds[sources[0]!.input]?.dims[0] ?? 0;
  if (!sources.every(({ input, width }) => hasShape(feeds[input], rows, width))) return undefined;
  const matrix = readMatrix(sources, trees.features, feeds, rows);
  const { targets } = rules;
  const { scores, has } = sumTrees(trees, matrix, rows, targets);
  const labels = finishRows(rules, rows, scores, has);
  if (labels === undefined) return undefined;
  const answer: Record<string, Tensor> = {};
  for (const { name, part } of ensemble.outputs) {
    answer[name] =
      part === 'scores'
        ? { type: 'float32', data: scores, dims: [rows, targets] }
        : toLabelTensor(labels, ensemble.texts);
  }
  return answer;
}

/** Finishes the scores where they are; answers a classifier's labels, or undefined where there is none. */
function finishRows(
  rules: ScoreRules,
  rows: number,
  scores: Float32Array,
  has: Uint8Array,
): Float64Array | undefined {
  const { targets } = rules;
  const labels = new Float64Array(rows);
  // One pair of small arrays for all rows: making two views a row takes as long as the rest.
  const own = new Float32Array(targets);
  const voted = new Uint8Array(targets);
  for (let row = 0, first = 0; row < rows; row++, first += targets) {
    for (let k = 0; k < targets; k++) {
      own[k] = scores[first + k]!;
      voted[k] = has[first + k]!;
    }
    if (rules.kind === 'regressor') finishTargets(rules, own, voted);
    else {
      const label = finishClasses(rules, own, voted);
      if (label === undefined) return undefined;
      labels[row] = label;
    }
    for (let k = 0; k < targets; k++) scores[first + k] = own[k]!;
  }
  return labels;
}

function hasShape(tensor: Tensor | undefined, rows: number, width: number): boolean {
  return tensor?.dims.length === 2 && tensor.dims[0] === rows && tensor.dims[1] === width;
}

function toLabelTensor(labels: Float64Array, texts: readonly string[] | undefined): Tensor {
  const dims = [labels.length];
  if (texts !== undefined)
    return { type: 'string', data: Array.from(labels, (label) => texts[label]!), dims };
  const data = new BigInt64Array(labels.length);
  for (let row = 0; row < labels.length; row++) data[row] = BigInt(labels[row]!);
  return { type: 'int64', data, dims };
}
