import { type Batch, checkRows, describeWrong } from './batch.ts';
import type { BoundTensor, TensorBinding } from './binding.ts';
import { isMissing } from './cell.ts';
import { Problems, refuse } from './problems.ts';
import { allocateTensorData, isDataOf, type Tensor } from './tensor.ts';

/** `inputs`: the one tensor as a nested list, or an object of nested lists by name. */
export function readTensorInputs(value: unknown, binding: TensorBinding): Batch {
  const [only] = binding.tensors;
  if (Array.isArray(value)) {
    if (binding.tensors.length !== 1) refuse('inputs', `must be an object with ${nameList(binding)}`);
    return toTensorBatch({ [only!.input]: readNested(value, only!, 'inputs') }, 'inputs', binding);
  }
  if (typeof value !== 'object' || value === null)
    refuse('inputs', 'must be a nested list or an object of them');
  return readNamed(value as Record<string, unknown>, 'inputs', binding);
}

/** `instances`: a list with one entry a row, which is a nested list or an object of them. */
export function readTensorInstances(value: unknown, binding: TensorBinding): Batch {
  if (!Array.isArray(value)) refuse('instances', 'must be a list of rows');
  const [first] = value;
  if (typeof first !== 'object' || first === null || Array.isArray(first)) {
    return toTensorBatch(
      { [binding.tensors[0]!.input]: readNested(value, binding.tensors[0]!, 'instances') },
      'instances',
      binding,
    );
  }
  const byName: Record<string, unknown[]> = Object.create(null);
  value.forEach((row: unknown, i) => {
    for (const [name, item] of Object.entries((row ?? {}) as Record<string, unknown>)) {
      byName[name] ??= new Array<unknown>(value.length);
      byName[name][i] = item;
    }
  });
  return readNamed(byName, 'instances', binding);
}

function readNamed(values: Readonly<Record<string, unknown>>, path: string, binding: TensorBinding): Batch {
  const problems = new Problems();
  for (const name in values) {
    if (!binding.ignoresUnknown && !binding.tensors.some((tensor) => tensor.name === name)) {
      problems.add(`${path}.${name}`, 'is not an input of the model');
    }
  }
  for (const { name } of binding.tensors) {
    if (!Object.hasOwn(values, name)) problems.add(path, `must have the tensor '${name}'`);
  }
  problems.throwIfAny();
  const feeds: Record<string, Tensor> = {};
  for (const tensor of binding.tensors) {
    feeds[tensor.input] = readNested(values[tensor.name], tensor, `${path}.${tensor.name}`);
  }
  return toTensorBatch(feeds, path, binding);
}

/** Rows are the first dimension, the same in all tensors. */
export function toTensorBatch(feeds: Record<string, Tensor>, path: string, binding: TensorBinding): Batch {
  const counts = Object.values(feeds).map((tensor) => tensor.dims[0] ?? 1);
  const rows = counts[0] ?? 0;
  if (counts.some((count) => count !== rows))
    refuse(path, 'must have the same number of rows in every tensor');
  checkRows(rows, path, binding);
  return { rows, feeds };
}

function readNested(value: unknown, tensor: BoundTensor, path: string): Tensor {
  const dims = measure(value, path);
  checkShape(dims, tensor, path);
  const values: unknown[] = [];
  flatten(value, dims, 0, path, values);
  return fillTensor(values, dims, tensor, path);
}

/** Stores flat values with the tensor's reader; throws InvalidInputError naming the wrong ones. */
export function fillTensor(
  values: ArrayLike<unknown>,
  dims: readonly number[],
  tensor: BoundTensor,
  path: string,
): Tensor {
  if (tensor.takesAsIs && isDataOf(values, tensor.type)) return { type: tensor.type, data: values, dims };
  const problems = new Problems();
  const data = allocateTensorData(tensor.type, values.length);
  const { reader } = tensor;
  for (let i = 0; i < values.length && !problems.isFull; i++) {
    const value = values[i];
    const stored = isMissing(value) ? reader.missing : reader.read(value);
    if (stored === undefined) problems.add(`${path}[${i}]`, describeWrong(value, reader.expected));
    else (data as unknown[])[i] = stored;
  }
  problems.throwIfAny();
  return { type: tensor.type, data, dims };
}

/** Refuses other dimensions than the signature's, where −1 takes any. */
export function checkShape(dims: readonly number[], { shape }: BoundTensor, path: string): void {
  const fits = dims.length === shape.length && shape.every((size, k) => size === -1 || size === dims[k]);
  if (!fits) refuse(path, `must have the shape [${shape.join(', ')}], and has [${dims.join(', ')}]`);
}

/** The shape of a nested list, by its first elements. */
function measure(value: unknown, path: string): number[] {
  const dims: number[] = [];
  for (let level = value; Array.isArray(level); level = level[0]) {
    dims.push(level.length);
    if (level.length === 0) refuse(path, 'must not have empty lists');
  }
  return dims;
}

function flatten(
  value: unknown,
  dims: readonly number[],
  depth: number,
  path: string,
  into: unknown[],
): void {
  if (depth === dims.length) {
    into.push(value);
    return;
  }
  if (!Array.isArray(value) || value.length !== dims[depth]) {
    refuse(path, `must be a regular nested list of the shape [${dims.join(', ')}]`);
  }
  for (const item of value) flatten(item, dims, depth + 1, path, into);
}

function nameList(binding: TensorBinding): string {
  return binding.tensors.map(({ name }) => `'${name}'`).join(', ');
}
