import { bindSignature } from '../../domain/serving/bind-signature.ts';
import type { ColumnBinding, TensorBinding } from '../../domain/serving/binding.ts';
import type { GraphValue, ModelGraph } from '../../domain/serving/ports.ts';
import { parseSignature } from '../../domain/shared/signature.ts';

export function graphValue(name: string, type: string, shape: readonly (number | string)[]): GraphValue {
  return { name, isTensor: true, type, shape };
}

/** A matrix of floats in, label and probabilities out: the built-in trainers' shape. */
export const MATRIX_GRAPH: ModelGraph = {
  inputs: [graphValue('features', 'float32', ['N', 2])],
  outputs: [graphValue('label', 'int64', ['N']), graphValue('probabilities', 'float32', ['N', 2])],
};

/** One input a column, of four kinds. */
export const COLUMNS_GRAPH: ModelGraph = {
  inputs: [
    graphValue('age', 'float32', ['N', 1]),
    graphValue('city', 'string', ['N', 1]),
    graphValue('visits', 'int64', ['N', 1]),
    graphValue('member', 'bool', ['N']),
  ],
  outputs: [graphValue('score', 'float32', ['N', 1])],
};

export function bindColumns(
  graph: ModelGraph,
  columns: readonly [name: string, type: string, required?: boolean][],
) {
  const inputs = columns.map(([name, type, required = true]) => ({ name, type, required }));
  return bindSignature(parseSignature({ inputs }), graph) as ColumnBinding;
}

export function bindTensors(
  graph: ModelGraph,
  tensors: readonly [name: string, dtype: string, shape: number[]][],
) {
  const inputs = tensors.map(([name, dtype, shape]) => ({
    name,
    type: 'tensor',
    'tensor-spec': { dtype, shape },
  }));
  return bindSignature(parseSignature({ inputs }), graph) as TensorBinding;
}

export const matrixBinding = () =>
  bindColumns(MATRIX_GRAPH, [
    ['a', 'double'],
    ['b', 'double'],
  ]);

export const columnsBinding = () =>
  bindColumns(COLUMNS_GRAPH, [
    ['age', 'double'],
    ['city', 'string'],
    ['visits', 'long'],
    ['member', 'boolean', false],
  ]);
