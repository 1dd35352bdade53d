import type { ModelGraph } from '../ports.ts';
import type { NamedTensors } from '../tensor.ts';
import type { GraphNode } from './graph.ts';

/** An input of the graph as columns of the ensemble's matrix. */
export interface FeatureSource {
  readonly input: string;
  readonly width: number;
  /** Codes of a text column's categories, and of all others. */
  readonly codes: ReadonlyMap<string, number> | undefined;
  readonly otherCode: number;
}

const NUMBERS: ReadonlySet<string | undefined> = new Set([
  'float32',
  'float64',
  'int64',
  'int32',
  'int16',
  'int8',
  'uint8',
  'uint16',
  'uint32',
  'bool',
]);
/** ONNX's number of 32-bit floats in Cast. */
const FLOAT = 1;

/** What the ensemble's matrix is made of: inputs as they are, cast to floats, encoded, or side by side. */
export function matchFeatures(
  matrix: string,
  nodes: readonly GraphNode[],
  declared: ModelGraph,
): { sources: readonly FeatureSource[]; width: number } | undefined {
  const maker = nodes.find(({ outputs }) => outputs.includes(matrix));
  const names = maker?.op === 'Concat' && maker.domain === '' ? maker.inputs : [matrix];
  const axis = maker?.attributes.get('axis')?.int;
  if (names !== undefined && maker?.op === 'Concat' && axis !== 1 && axis !== -1) return undefined;
  const sources: FeatureSource[] = [];
  for (const name of names) {
    const source = matchSource(name, nodes, declared);
    if (source === undefined) return undefined;
    sources.push(source);
  }
  return { sources, width: sources.reduce((sum, { width }) => sum + width, 0) };
}

function matchSource(
  name: string,
  nodes: readonly GraphNode[],
  declared: ModelGraph,
): FeatureSource | undefined {
  const maker = nodes.find(({ outputs }) => outputs.includes(name));
  const input = maker === undefined ? name : maker.inputs[0]!;
  const value = declared.inputs.find((known) => known.name === input);
  const width = value?.shape[1];
  if (value === undefined || value.shape.length !== 2 || typeof width !== 'number') return undefined;
  const source = { input, width, codes: undefined, otherCode: Number.NaN };
  if (maker === undefined) return value.type === 'float32' ? source : undefined;
  if (maker.op === 'Cast') {
    return NUMBERS.has(value.type) && maker.attributes.get('to')?.int === FLOAT ? source : undefined;
  }
  if (maker.op !== 'LabelEncoder' || value.type !== 'string') return undefined;
  const keys = maker.attributes.get('keys_strings')?.texts ?? [];
  const codes = maker.attributes.get('values_floats')?.floats ?? new Float64Array();
  if (keys.length === 0 || keys.length !== codes.length) return undefined;
  // What the operator falls back to when nothing is said.
  const otherCode = maker.attributes.get('default_float')?.float ?? -0;
  // Of a key that is there twice the first one counts.
  return {
    ...source,
    codes: new Map(keys.map((key, k): [string, number] => [key, codes[k]!]).reverse()),
    otherCode,
  };
}

/** The matrix of 32-bit floats that the trees read; undefined when a row has another width than declared. */
export function readMatrix(
  sources: readonly FeatureSource[],
  width: number,
  feeds: NamedTensors,
  rows: number,
): Float32Array {
  const [only] = sources as [FeatureSource];
  const first = feeds[only.input]!;
  if (sources.length === 1 && first.type === 'float32') return first.data as Float32Array;
  const matrix = new Float32Array(rows * width);
  let column = 0;
  for (const source of sources) {
    fillColumns(source, feeds[source.input]!.data, matrix, column, width, rows);
    column += source.width;
  }
  return matrix;
}

function fillColumns(
  { codes, otherCode, width: own }: FeatureSource,
  data: NamedTensors[string]['data'],
  matrix: Float32Array,
  column: number,
  width: number,
  rows: number,
): void {
  for (let row = 0; row < rows; row++) {
    for (let k = 0; k < own; k++) {
      const value = data[row * own + k]!;
      matrix[row * width + column + k] =
        codes === undefined ? Number(value) : (codes.get(value as string) ?? otherCode);
    }
  }
}
