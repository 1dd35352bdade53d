import type { GraphValue, ModelGraph } from '../serving/ports.ts';
import type { TensorType } from '../serving/tensor.ts';
import {
  type ColumnType,
  type FieldSpec,
  isTensorSpec,
  type ModelSignature,
  type TensorDtype,
} from '../shared/signature.ts';

/** Columns of element types that MLflow has a column type for. */
const COLUMN_TYPES: Partial<Record<TensorType, ColumnType>> = {
  bool: 'boolean',
  int32: 'integer',
  int64: 'long',
  float32: 'float',
  float64: 'double',
  string: 'string',
};

/**
 * The signature of a graph that came without one: columns when every input is one value a row (as converters of
 * pipelines write them), tensors otherwise. Values that are no tensors are left out.
 */
export function deriveSignature({ inputs, outputs }: ModelGraph): ModelSignature {
  const areColumns = inputs.length > 1 && inputs.every(isColumn);
  return {
    inputs: areColumns ? inputs.map(toColumn) : inputs.flatMap(toTensor),
    outputs: outputs.flatMap(toTensor),
    params: [],
  };
}

function isColumn({ type, shape }: GraphValue): boolean {
  const oneARow = shape.length === 1 || (shape.length === 2 && shape[1] === 1);
  return oneARow && COLUMN_TYPES[type as TensorType] !== undefined;
}

function toColumn({ name, type }: GraphValue): FieldSpec {
  return { name, type: COLUMN_TYPES[type as TensorType] as ColumnType, required: true };
}

function toTensor({ name, isTensor, type, shape }: GraphValue): FieldSpec[] {
  if (!isTensor || type === undefined) return [];
  const dtype = (type === 'string' ? 'str' : type) as TensorDtype;
  return [
    { name, type: 'tensor', dtype, shape: shape.map((size) => (typeof size === 'number' ? size : -1)) },
  ];
}

/**
 * A request of one row of zeros and empty texts: the least that a model must survive.
 *
 * @param rows as many as a model takes that was exported for a fixed batch
 */
export function deriveExampleInputs({ inputs }: ModelSignature, rows = 1): Readonly<Record<string, unknown>> {
  if (inputs.some(isTensorSpec)) {
    const tensors = inputs.filter(isTensorSpec);
    const values = tensors.map(({ name, dtype, shape: [first, ...rest] }) => {
      const shape = first === undefined ? [] : [first === -1 ? rows : first, ...rest];
      return [name, fill(shape, zeroOf(dtype))] as const;
    });
    return { inputs: Object.fromEntries(values) };
  }
  const columns = inputs.map(({ name }) => name);
  return {
    dataframe_split: {
      columns,
      data: fill(
        [rows],
        inputs.map(({ type }) => zeroOf(type)),
      ),
    },
  };
}

function fill(shape: readonly number[], value: unknown): unknown {
  const [size, ...rest] = shape;
  if (size === undefined) return value;
  return Array.from({ length: size === -1 ? 1 : size }, () => fill(rest, value));
}

function zeroOf(type: string): unknown {
  if (type === 'bool' || type === 'boolean') return false;
  if (type === 'str' || type === 'string' || type === 'binary') return '';
  return type === 'datetime' ? '1970-01-01T00:00:00' : 0;
}
