import { allocateColumns, type Batch, checkRows, copyFloats, readColumns, toBatch } from './batch.ts';
import { BinaryParts, decodeElements } from './binary-tensors.ts';
import type { Binding, BoundInput, ColumnBinding, TensorBinding } from './binding.ts';
import { floatLimit, isFloat, isMissing, makeElementReader } from './cell.ts';
import { toPlainList } from './matrix-body.ts';
import { NumberList } from './number-list.ts';
import { Problems, refuse } from './problems.ts';
import { findColumns } from './read-invocations.ts';
import { readParams } from './read-params.ts';
import { checkShape, fillTensor, toTensorBatch } from './read-tensors.ts';
import { type RequestedOutputs, readRequestedOutputs } from './requested-outputs.ts';
import { isDataOf, type Tensor, type TensorData, type TensorType, V2_DATATYPES } from './tensor.ts';

/** An Open Inference v2 request that fits the model. */
export interface InferRequest {
  readonly batch: Batch;
  /** To be echoed. */
  readonly id: string | undefined;
  readonly outputs: RequestedOutputs;
}

interface InferInput {
  readonly name: string;
  readonly shape: readonly number[];
  readonly type: TensorType;
  readonly data: ArrayLike<unknown>;
  /** Whether the bytes themselves were of the datatype. */
  readonly isBinary: boolean;
  readonly path: string;
}

const TYPE_OF_DATATYPE: ReadonlyMap<unknown, TensorType> = new Map([
  ...Object.entries(V2_DATATYPES).map(([type, name]): [string, TensorType] => [name, type as TensorType]),
  ['FP16', 'float32'],
]);
const REQUEST_FIELDS: ReadonlySet<string> = new Set(['id', 'parameters', 'inputs', 'outputs']);

/**
 * Reads a body of Open Inference v2's `infer`: a matrix model takes its one tensor or a tensor a column.
 *
 * @param binary what follows the JSON when tensors come in the binary form
 * @throws InvalidInputError with the path of each wrong field.
 */
export function readInferRequest(
  body: Readonly<Record<string, unknown>>,
  binding: Binding,
  outputNames: readonly string[],
  binary: Uint8Array = new Uint8Array(),
): InferRequest {
  for (const key in body) if (!REQUEST_FIELDS.has(key)) refuse(key, 'is not a field of an inference request');
  const { id, inputs, outputs, parameters } = body;
  if (id !== undefined && typeof id !== 'string') refuse('id', 'must be a string');
  if (!Array.isArray(inputs) || inputs.length === 0)
    refuse('inputs', 'must be a list of at least one tensor');
  const isMatrix = (name: string) => inputs.length === 1 && isMatrixName(name, binding);
  const parts = new BinaryParts(binary);
  const tensors = inputs.map((input: unknown, index) =>
    readInput(input, `inputs[${index}]`, isMatrix, parts),
  );
  parts.finish();
  const batch =
    binding.kind === 'columns' ? readAsColumns(tensors, binding) : readAsTensors(tensors, binding);
  const params =
    binding.params.length === 0 ? {} : readParams(ownParams(parameters, binding), binding.params);
  return {
    batch: binding.params.length === 0 ? batch : { rows: batch.rows, feeds: { ...batch.feeds, ...params } },
    id,
    outputs: readRequestedOutputs(outputs, parameters, outputNames),
  };
}

function readInput(
  input: unknown,
  path: string,
  isMatrix: (name: string) => boolean,
  parts: BinaryParts,
): InferInput {
  if (typeof input !== 'object' || input === null) refuse(path, 'must be an object');
  const { name, shape, datatype, data, parameters } = input as Record<string, unknown>;
  if (typeof name !== 'string') refuse(`${path}.name`, 'must be a string');
  const type = TYPE_OF_DATATYPE.get(datatype);
  if (type === undefined)
    refuse(`${path}.datatype`, `must be one of ${[...TYPE_OF_DATATYPE.keys()].join(', ')}`);
  if (!Array.isArray(shape) || !shape.every((size) => Number.isSafeInteger(size) && size >= 0)) {
    refuse(`${path}.shape`, 'must be a list of integers ≥ 0');
  }
  const size = (shape as number[]).reduce((product, dim) => product * dim, 1);
  const binarySize = readBinarySize(parameters, data, path);
  if (binarySize !== undefined) {
    const sizePath = `${path}.parameters.binary_data_size`;
    const bytes = parts.take(binarySize, sizePath);
    const elements = decodeElements(bytes, datatype as string, type, size, sizePath);
    return { name, shape, type, data: elements, isBinary: true, path };
  }
  const values =
    data instanceof NumberList && isFloat(type) && isMatrix(name) ? data.values : flatten(data, path);
  if (values.length !== size) {
    refuse(
      `${path}.data`,
      `must have ${size} values for the shape [${shape.join(', ')}], and has ${values.length}`,
    );
  }
  return { name, shape, type, data: values, isBinary: false, path };
}

function readBinarySize(parameters: unknown, data: unknown, path: string): number | undefined {
  const size = (parameters as { binary_data_size?: unknown } | null | undefined)?.binary_data_size;
  if (size === undefined) return undefined;
  if (!Number.isSafeInteger(size) || (size as number) < 0) {
    refuse(`${path}.parameters.binary_data_size`, 'must be an integer ≥ 0');
  }
  if (data !== undefined) refuse(`${path}.data`, 'must not come together with binary_data_size');
  return size as number;
}

function flatten(value: unknown, path: string): readonly unknown[] {
  const data = toPlainList(value);
  if (!Array.isArray(data)) refuse(`${path}.data`, 'must be a list');
  return Array.isArray(data[0]) ? data.flat(Number.POSITIVE_INFINITY) : data;
}

function readAsColumns(tensors: readonly InferInput[], binding: ColumnBinding): Batch {
  const [tensor] = tensors as [InferInput];
  if (tensors.length === 1 && isMatrixName(tensor.name, binding)) {
    return readMatrix(tensor, binding.inputs[0]!, binding);
  }
  const places = findColumns(
    tensors.map(({ name }) => name),
    'inputs',
    binding,
  );
  const rows = tensor.shape[0] ?? 0;
  for (const { shape, path } of tensors) {
    const isColumn = shape.length === 1 || (shape.length === 2 && shape[1] === 1);
    if (!isColumn || shape[0] !== rows) refuse(`${path}.shape`, `must be [${rows}] or [${rows}, 1]`);
  }
  checkRows(rows, 'inputs', binding);
  const problems = new Problems();
  for (const tensor of tensors) checkDatatype(tensor, problems);
  const columnOf = (column: number) => tensors[places.of[column]!]!;
  const batch = readColumns(
    binding,
    {
      rows,
      has: (column) => places.of[column] !== -1,
      value: (row, column) => columnOf(column).data[row],
      path: (row, column) => `${columnOf(column).path}.data[${row}]`,
      columnsPath: 'inputs',
    },
    problems,
  );
  problems.throwIfAny();
  return batch;
}

/** Whether the name is that of the model's one matrix, and not a column's. */
function isMatrixName(name: string, binding: Binding): boolean {
  if (binding.kind !== 'columns' || binding.inputs.length !== 1) return false;
  if (name !== binding.inputs[0]?.name) return false;
  return binding.inputs[0].width > 1 || !binding.indexOf.has(name);
}

function readMatrix(tensor: InferInput, input: BoundInput, binding: ColumnBinding): Batch {
  const { shape, type, data, path } = tensor;
  const [rows, width] = shape as [number, number];
  if (shape.length !== 2 || width !== input.width) {
    refuse(`${path}.shape`, `must be [rows, ${input.width}], and is [${shape.join(', ')}]`);
  }
  checkRows(rows, `${path}.shape`, binding);
  if (binding.isFloatMatrix && isDataOf(data, input.type))
    return toBatch(binding, rows, [data as TensorData]);
  if (binding.isFloatMatrix && isFloat(type)) {
    const [target] = allocateColumns(binding, rows) as [Float32Array];
    if (copyFloats(data, target, 0, floatLimit(input.type))) return toBatch(binding, rows, [target]);
  }
  const problems = new Problems();
  checkDatatype(tensor, problems);
  const batch = readColumns(
    binding,
    {
      rows,
      has: () => true,
      value: (row, column) => data[row * width + column],
      path: (row, column) => `${path}.data[${row * width + column}]`,
      columnsPath: path,
    },
    problems,
  );
  problems.throwIfAny();
  return batch;
}

function readAsTensors(tensors: readonly InferInput[], binding: TensorBinding): Batch {
  const problems = new Problems();
  const feeds: Record<string, Tensor> = {};
  for (const tensor of tensors) {
    const { name, shape, type, data, path } = tensor;
    const bound = binding.tensors.find((known) => known.name === name || known.input === name);
    if (bound === undefined) {
      if (!binding.ignoresUnknown)
        problems.add(`${path}.name`, `is not an input of the model: '${name.slice(0, 100)}'`);
      continue;
    }
    checkShape(shape, bound, `${path}.shape`);
    if (type !== bound.type) checkDatatype(tensor, problems);
    feeds[bound.input] = fillTensor(data, shape, bound, `${path}.data`);
  }
  for (const { name, input } of binding.tensors) {
    if (feeds[input] === undefined) problems.add('inputs', `must have the tensor '${name}'`);
  }
  problems.throwIfAny();
  return toTensorBatch(feeds, 'inputs', binding);
}

/** What the datatype promises is checked too: 1.5 in an INT32 tensor is wrong even for a float column. */
function checkDatatype({ data, type, path, isBinary }: InferInput, problems: Problems): void {
  if (isBinary) return;
  const { read, expected } = makeElementReader(type);
  for (let i = 0; i < data.length && !problems.isFull; i++) {
    if (isMissing(data[i]) || read(data[i]) !== undefined) continue;
    problems.add(`${path}.data[${i}]`, `must be ${expected}, as datatype ${V2_DATATYPES[type]} says`);
  }
}

/** A request's `parameters` are open to anybody's use; only the model's own are read. */
function ownParams(parameters: unknown, binding: Binding): unknown {
  if (typeof parameters !== 'object' || parameters === null) return undefined;
  const names = new Set(binding.params.map((param) => param.spec.name));
  return Object.fromEntries(Object.entries(parameters).filter(([name]) => names.has(name)));
}
