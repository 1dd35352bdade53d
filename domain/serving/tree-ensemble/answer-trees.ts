import type { NamedTensors, Tensor } from '../tensor.ts';
import { readMatrix } from './feature-sources.ts';
import { finishClasses, finishTargets } from './finish-scores.ts';
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
  const labels = new Float64Array(rules.kind === 'classifier' ? rows : 0);
  for (let row = 0; row < rows; row++) {
    const own = rows === 1 ? scores : scores.subarray(row * targets, (row + 1) * targets);
    const voted = rows === 1 ? has : has.subarray(row * targets, (row + 1) * targets);
    if (rules.kind === 'regressor') finishTargets(rules, own, voted);
    else {
      const label = finishClasses(rules, own, voted);
      if (label === undefined) return undefined;
      labels[row] = label;
    }
  }
  const answer: Record<string, Tensor> = {};
  for (const { name, part } of ensemble.outputs) {
    answer[name] =
      part === 'scores'
        ? { type: 'float32', data: scores, dims: [rows, targets] }
        : toLabelTensor(labels, ensemble.texts);
  }
  return answer;
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
