import type { TensorDtype } from '../shared/signature.ts';

/** Element types that endpoints serve; half floats are 32-bit ones to them, the 4-bit types are left out. */
export type TensorType =
  | 'float32'
  | 'float64'
  | 'int8'
  | 'int16'
  | 'int32'
  | 'int64'
  | 'uint8'
  | 'uint16'
  | 'uint32'
  | 'uint64'
  | 'bool'
  | 'string';

export type TensorData =
  | Float32Array
  | Float64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigUint64Array
  | string[];

/** A dense array in row-major order; booleans are 0 and 1. */
export interface Tensor {
  readonly type: TensorType;
  readonly data: TensorData;
  readonly dims: readonly number[];
}

export type NamedTensors = Readonly<Record<string, Tensor>>;

/** Data of that many elements: zeros, or empty strings. */
export function allocateTensorData(type: TensorType, length: number): TensorData {
  switch (type) {
    case 'float32':
      return new Float32Array(length);
    case 'float64':
      return new Float64Array(length);
    case 'int8':
      return new Int8Array(length);
    case 'int16':
      return new Int16Array(length);
    case 'int32':
      return new Int32Array(length);
    case 'int64':
      return new BigInt64Array(length);
    case 'uint16':
      return new Uint16Array(length);
    case 'uint32':
      return new Uint32Array(length);
    case 'uint64':
      return new BigUint64Array(length);
    case 'string':
      return new Array<string>(length).fill('');
    default:
      return new Uint8Array(length);
  }
}

/** Whether the values are a typed array of just that element type; booleans and strings have to be read. */
export function isDataOf(values: ArrayLike<unknown>, type: TensorType): values is TensorData {
  if (type === 'string' || type === 'bool') return false;
  return ArrayBuffer.isView(values) && values.constructor === allocateTensorData(type, 0).constructor;
}

const TYPE_OF_DTYPE: Readonly<Record<TensorDtype, TensorType | undefined>> = {
  bool: 'bool',
  int8: 'int8',
  int16: 'int16',
  int32: 'int32',
  int64: 'int64',
  uint8: 'uint8',
  uint16: 'uint16',
  uint32: 'uint32',
  uint64: 'uint64',
  float16: 'float32',
  float32: 'float32',
  float64: 'float64',
  str: 'string',
};

/** ONNX's name of a NumPy element type; undefined for those that are not served. */
export function toTensorType(dtype: TensorDtype): TensorType | undefined {
  return TYPE_OF_DTYPE[dtype];
}

/** Open Inference's names of the element types. */
export const V2_DATATYPES: Readonly<Record<TensorType, string>> = {
  float32: 'FP32',
  float64: 'FP64',
  int8: 'INT8',
  int16: 'INT16',
  int32: 'INT32',
  int64: 'INT64',
  uint8: 'UINT8',
  uint16: 'UINT16',
  uint32: 'UINT32',
  uint64: 'UINT64',
  bool: 'BOOL',
  string: 'BYTES',
};
