import type { ModelGraph } from '../ports.ts';
import { allocateTensorData, type NamedTensors, type Tensor, type TensorType } from '../tensor.ts';
import type { FeatureSource } from './feature-sources.ts';
import { type FlatTrees, THRESHOLD, WORDS } from './flat-trees.ts';
import { floatBefore } from './float-before.ts';
import type { TreeEnsemble } from './match-graph.ts';

/** Rows enough for every way through the evaluator; each takes a tenth of a millisecond of a cold start. */
const PROBE_ROWS = 16;
/** As many nodes a feature are looked at, from all over the trees. */
const MAX_THRESHOLDS = 32;

/**
 * Inputs where an evaluator that is wrong shows it: thresholds and their neighbours, missing and infinite values,
 * known and unknown categories. One batch, and one row alone, since both go other ways.
 */
export function makeProbes(ensemble: TreeEnsemble, graph: ModelGraph): readonly NamedTensors[] {
  const thresholds = listThresholds(ensemble.trees);
  const fixed = graph.inputs.map(({ shape }) => shape[0]).find((size) => typeof size === 'number');
  const sizes = fixed === undefined ? [PROBE_ROWS, 1] : [fixed];
  return [...sizes, ...sizes].map((rows, round) => {
    const feeds: Record<string, Tensor> = {};
    let column = 0;
    for (const source of ensemble.sources) {
      const type = graph.inputs.find(({ name }) => name === source.input)!.type as TensorType;
      feeds[source.input] = makeProbe(source, type, column, thresholds, rows, round);
      column += source.width;
    }
    return feeds;
  });
}

function listThresholds({ words, thresholds, isLeaf, features }: FlatTrees): readonly number[][] {
  const lists = Array.from({ length: features }, (): number[] => []);
  const looked = Math.min(isLeaf.length, features * MAX_THRESHOLDS);
  const stride = Math.max(1, Math.floor(isLeaf.length / looked));
  for (let node = 0; node < isLeaf.length; node += stride) {
    if (isLeaf[node] === 0) lists[words[node * WORDS]!]!.push(thresholds[node * WORDS + THRESHOLD]!);
  }
  return lists;
}

function makeProbe(
  { width, codes }: FeatureSource,
  type: TensorType,
  column: number,
  thresholds: readonly number[][],
  rows: number,
  round: number,
): Tensor {
  const data = allocateTensorData(type, rows * width) as unknown[];
  const keys = codes === undefined ? [] : ['', ...codes.keys()];
  for (let row = 0; row < rows; row++) {
    for (let k = 0; k < width; k++) {
      // A walk over the values that repeats late, and the same at every start.
      const turn = row * 7 + (column + k) * 13 + round * 31;
      data[row * width + k] =
        type === 'string'
          ? keys[turn % keys.length]
          : toElement(probeValue(thresholds[column + k]!, turn, round), type);
    }
  }
  return { type, data: data as never, dims: [rows, width] };
}

function probeValue(thresholds: readonly number[], turn: number, round: number): number {
  // Half of the batches are without missing values, which are walked by other code.
  if (round >= 2 && turn % 11 === 0) return Number.NaN;
  if (turn % 29 === 0) return turn % 2 === 0 ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  if (thresholds.length === 0) return turn % 5;
  const threshold = thresholds[turn % thresholds.length]!;
  const choice = Math.floor(turn / 3) % 4;
  if (choice === 0 || !Number.isFinite(threshold)) return threshold;
  if (choice === 1) return floatBefore(threshold);
  if (choice === 2) return -floatBefore(-threshold);
  return (threshold + thresholds[(turn * 5 + 1) % thresholds.length]!) / 2;
}

function toElement(value: number, type: TensorType): number | bigint {
  if (type === 'float32' || type === 'float64') return value;
  const whole = Number.isFinite(value) ? Math.abs(Math.round(value)) % 100 : 0;
  if (type === 'bool') return whole % 2;
  return type === 'int64' || type === 'uint64' ? BigInt(whole) : whole;
}
