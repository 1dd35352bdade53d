import type { ColumnType } from '../shared/signature.ts';
import type { TensorType } from './tensor.ts';

/** What a tensor stores for one value. */
export type Stored = number | bigint | string;

/** Turns a value of a request into what the tensor stores; undefined when it is not of the type. */
export interface CellReader {
  readonly expected: string;
  read(value: unknown): Stored | undefined;
  /** What stands for a missing value; undefined when the tensor has no such value. */
  readonly missing: Stored | undefined;
}

interface IntegerRange {
  readonly low: bigint;
  readonly high: bigint;
}

const INTEGER_RANGES: Partial<Record<TensorType, IntegerRange>> = {
  int8: { low: -(2n ** 7n), high: 2n ** 7n - 1n },
  int16: { low: -(2n ** 15n), high: 2n ** 15n - 1n },
  int32: { low: -(2n ** 31n), high: 2n ** 31n - 1n },
  int64: { low: -(2n ** 63n), high: 2n ** 63n - 1n },
  uint8: { low: 0n, high: 2n ** 8n - 1n },
  uint16: { low: 0n, high: 2n ** 16n - 1n },
  uint32: { low: 0n, high: 2n ** 32n - 1n },
  uint64: { low: 0n, high: 2n ** 64n - 1n },
};

/** Halfway between the largest 32-bit float and the next power: what still rounds to a finite value. */
const FLOAT32_LIMIT = 3.4028235677973366e38;

/** The largest magnitude that a tensor of floats stores as a finite value. */
export function floatLimit(type: TensorType): number {
  return type === 'float32' ? FLOAT32_LIMIT : Number.MAX_VALUE;
}

/** The reader of a column's values into a tensor; undefined when that tensor cannot hold such a column. */
export function makeColumnReader(column: ColumnType, tensor: TensorType): CellReader | undefined {
  if (column === 'string' || column === 'datetime' || column === 'binary') {
    return tensor === 'string' ? textReader(column) : undefined;
  }
  if (tensor === 'string') return undefined;
  if (column === 'boolean') return booleanReader(tensor);
  if (column === 'float' || column === 'double') return isFloat(tensor) ? floatReader(tensor) : undefined;
  const range = INTEGER_RANGES[column === 'integer' ? 'int32' : 'int64'] as IntegerRange;
  return tensor === 'bool' ? undefined : integerReader(range, tensor);
}

/** The reader of a tensor's own elements, for signatures of tensors and for Open Inference requests. */
export function makeElementReader(tensor: TensorType): CellReader {
  if (tensor === 'string') return textReader('string');
  if (tensor === 'bool') return booleanReader(tensor);
  if (isFloat(tensor)) return floatReader(tensor);
  return integerReader(INTEGER_RANGES[tensor] as IntegerRange, tensor);
}

export function isFloat(type: TensorType): boolean {
  return type === 'float32' || type === 'float64';
}

function floatReader(tensor: TensorType): CellReader {
  const limit = floatLimit(tensor);
  return {
    expected: `a number${tensor === 'float32' ? ' that fits 32 bits' : ''}`,
    missing: Number.NaN,
    read: (value) => {
      if (typeof value === 'bigint') return Number(value);
      if (typeof value !== 'number') return undefined;
      return (value <= limit && value >= -limit) || isInfinite(value) ? value : undefined;
    },
  };
}

function isInfinite(value: number): boolean {
  return value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY;
}

/** `null`, and NaN as pandas writes it in columns of any type. */
export function isMissing(value: unknown): boolean {
  return value === null || Number.isNaN(value);
}

function integerReader(columnRange: IntegerRange, tensor: TensorType): CellReader {
  const range = intersect(columnRange, INTEGER_RANGES[tensor]);
  const [low, high] = [Number(range.low), Number(range.high)];
  const big = tensor === 'int64' || tensor === 'uint64';
  const readExact = (value: bigint): Stored | undefined => {
    if (value < range.low || value > range.high) return undefined;
    return big ? value : Number(value);
  };
  return {
    expected: `an integer from ${range.low} to ${range.high}`,
    missing: isFloat(tensor) ? Number.NaN : undefined,
    read: (value) => {
      if (typeof value === 'bigint') return readExact(value);
      if (typeof value !== 'number' || !Number.isInteger(value)) return undefined;
      if (big) return readExact(BigInt(value));
      return value >= low && value <= high ? value : undefined;
    },
  };
}

function intersect(a: IntegerRange, b: IntegerRange | undefined): IntegerRange {
  if (b === undefined) return a;
  return { low: a.low > b.low ? a.low : b.low, high: a.high < b.high ? a.high : b.high };
}

function booleanReader(tensor: TensorType): CellReader {
  const big = tensor === 'int64' || tensor === 'uint64';
  const [no, yes] = big ? [0n, 1n] : [0, 1];
  return {
    expected: 'true or false',
    missing: isFloat(tensor) ? Number.NaN : undefined,
    read: (value) => (typeof value === 'boolean' ? (value ? yes : no) : undefined),
  };
}

/** Frameworks write a missing category as the empty string into string tensors (scikit-learn, CatBoost). */
function textReader(column: 'string' | 'datetime' | 'binary'): CellReader {
  const valid = {
    string: () => true,
    datetime: (text: string) => !Number.isNaN(Date.parse(text)),
    binary: (text: string) => /^[A-Za-z0-9+/]*={0,2}$/.test(text) && text.length % 4 === 0,
  }[column];
  const expected = { string: 'a string', datetime: 'a date and time in ISO 8601', binary: 'a base64 string' };
  return {
    expected: expected[column],
    missing: '',
    read: (value) => (typeof value === 'string' && valid(value) ? value : undefined),
  };
}
