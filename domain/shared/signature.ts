import { type FieldError, InvalidInputError } from './domain-error.ts';

/** MLflow's scalar types of a column or parameter. */
export const COLUMN_TYPES = [
  'boolean',
  'integer',
  'long',
  'float',
  'double',
  'string',
  'binary',
  'datetime',
] as const;
export type ColumnType = (typeof COLUMN_TYPES)[number];

/** NumPy's names of the element types that a tensor of a served model can have. */
export const TENSOR_DTYPES = [
  'bool',
  'int8',
  'int16',
  'int32',
  'int64',
  'uint8',
  'uint16',
  'uint32',
  'uint64',
  'float16',
  'float32',
  'float64',
  'str',
] as const;
export type TensorDtype = (typeof TENSOR_DTYPES)[number];

/** A column of a table: one value a row. */
export interface ColumnSpec {
  readonly name: string;
  readonly type: ColumnType;
  /** Whether a request must have the column; a missing value in it is another matter. */
  readonly required: boolean;
}

/** An n-dimensional array; −1 is a dimension of any length, the first one counts rows. */
export interface TensorSpec {
  readonly name: string;
  readonly type: 'tensor';
  readonly dtype: TensorDtype;
  readonly shape: readonly number[];
}

export type FieldSpec = ColumnSpec | TensorSpec;

/** A value beside the rows that changes how the model answers. */
export interface ParamSpec {
  readonly name: string;
  readonly type: ColumnType;
  readonly default: unknown;
  /** `null` for a scalar, `[-1]` for a list. */
  readonly shape: readonly number[] | null;
}

/** What a model takes and gives, as MLflow writes it down. */
export interface ModelSignature {
  readonly inputs: readonly FieldSpec[];
  readonly outputs: readonly FieldSpec[];
  readonly params: readonly ParamSpec[];
}

export function isTensorSpec(field: FieldSpec): field is TensorSpec {
  return field.type === 'tensor';
}

/**
 * Reads MLflow's JSON of a signature: lists, or the strings of JSON that an `MLmodel` file holds.
 *
 * @throws InvalidInputError with the path of each wrong field.
 */
export function parseSignature(value: unknown): ModelSignature {
  const errors: FieldError[] = [];
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new InvalidInputError('A signature is an object with inputs and outputs.');
  }
  const { inputs, outputs, params } = value as Record<string, unknown>;
  const signature = {
    inputs: readFields(inputs, 'inputs', errors),
    outputs: outputs === undefined || outputs === null ? [] : readFields(outputs, 'outputs', errors),
    params: params === undefined || params === null ? [] : readParams(params, errors),
  };
  if (signature.inputs.length === 0 && errors.length === 0) {
    errors.push({ path: 'inputs', message: 'must name at least one column or tensor' });
  }
  if (errors.length > 0) throw new InvalidInputError('The signature is not valid.', errors);
  return signature;
}

/** MLflow's own JSON of a signature, as `signature.json` holds it. */
export function toSignatureJson(signature: ModelSignature): Record<string, unknown> {
  return {
    inputs: signature.inputs.map(toFieldJson),
    outputs: signature.outputs.map(toFieldJson),
    params: signature.params.length === 0 ? null : signature.params,
  };
}

function toFieldJson(field: FieldSpec): Record<string, unknown> {
  if (!isTensorSpec(field)) return { name: field.name, type: field.type, required: field.required };
  return { name: field.name, type: 'tensor', 'tensor-spec': { dtype: field.dtype, shape: field.shape } };
}

function readFields(value: unknown, path: string, errors: FieldError[]): FieldSpec[] {
  const list = readList(value, path, errors);
  const fields = list.flatMap((item, index) => readField(item, index, `${path}[${index}]`, errors));
  rejectRepeatedNames(fields, path, errors);
  const tensors = fields.filter(isTensorSpec).length;
  if (tensors > 0 && tensors < fields.length)
    errors.push({ path, message: 'must not mix columns and tensors' });
  return fields;
}

function readField(item: unknown, index: number, path: string, errors: FieldError[]): FieldSpec[] {
  if (typeof item !== 'object' || item === null) {
    errors.push({ path, message: 'must be an object' });
    return [];
  }
  const field = item as Record<string, unknown>;
  // MLflow leaves the name out of a lone tensor and of headerless columns: position names them.
  const name = field.name ?? String(index);
  if (typeof name !== 'string' || name === '') {
    errors.push({ path: `${path}.name`, message: 'must be a non-empty string' });
    return [];
  }
  if (field.type === 'tensor') return readTensor(field, name, path, errors);
  if (!isOneOf(COLUMN_TYPES, field.type)) {
    errors.push({ path: `${path}.type`, message: `must be one of ${COLUMN_TYPES.join(', ')}, tensor` });
    return [];
  }
  if (field.required !== undefined && typeof field.required !== 'boolean') {
    errors.push({ path: `${path}.required`, message: 'must be true or false' });
  }
  // `optional` is how MLflow before 2.10 said the opposite.
  return [{ name, type: field.type, required: field.required !== false && field.optional !== true }];
}

function readTensor(
  field: Record<string, unknown>,
  name: string,
  path: string,
  errors: FieldError[],
): TensorSpec[] {
  const { dtype, shape } = (field['tensor-spec'] ?? {}) as Record<string, unknown>;
  const valid = Array.isArray(shape) && shape.every((size) => Number.isInteger(size) && size >= -1);
  if (!valid) errors.push({ path: `${path}.tensor-spec.shape`, message: 'must be a list of integers ≥ -1' });
  const known = dtype === 'object' ? 'str' : dtype;
  if (!isOneOf(TENSOR_DTYPES, known)) {
    errors.push({ path: `${path}.tensor-spec.dtype`, message: `must be one of ${TENSOR_DTYPES.join(', ')}` });
    return [];
  }
  return valid ? [{ name, type: 'tensor', dtype: known, shape: shape as number[] }] : [];
}

function readParams(value: unknown, errors: FieldError[]): ParamSpec[] {
  const params = readList(value, 'params', errors).flatMap((item, index) => {
    const path = `params[${index}]`;
    const { name, type, dtype, shape, default: fallback } = (item ?? {}) as Record<string, unknown>;
    const columnType = type ?? dtype;
    if (typeof name !== 'string' || name === '') {
      errors.push({ path: `${path}.name`, message: 'must be a non-empty string' });
    } else if (!isOneOf(COLUMN_TYPES, columnType)) {
      errors.push({ path: `${path}.type`, message: `must be one of ${COLUMN_TYPES.join(', ')}` });
    } else {
      return [
        { name, type: columnType, default: fallback ?? null, shape: Array.isArray(shape) ? shape : null },
      ];
    }
    return [];
  });
  rejectRepeatedNames(params, 'params', errors);
  return params;
}

function readList(value: unknown, path: string, errors: FieldError[]): unknown[] {
  const list = typeof value === 'string' ? parseJson(value) : value;
  if (Array.isArray(list)) return list;
  errors.push({ path, message: 'must be a list' });
  return [];
}

function rejectRepeatedNames(fields: readonly { name: string }[], path: string, errors: FieldError[]): void {
  const seen = new Set<string>();
  for (const { name } of fields) {
    if (seen.has(name)) errors.push({ path, message: `names '${name}' a second time` });
    seen.add(name);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isOneOf<T extends string>(values: readonly T[], value: unknown): value is T {
  return values.includes(value as T);
}
