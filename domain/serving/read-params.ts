import { describeWrong } from './batch.ts';
import type { BoundParam } from './binding.ts';
import { Problems, refuse } from './problems.ts';
import { allocateTensorData, type NamedTensors, type Tensor } from './tensor.ts';

/** The `params` of a request as tensors, defaults filled in; throws InvalidInputError for unknown or wrong ones. */
export function readParams(value: unknown, params: readonly BoundParam[]): NamedTensors {
  if (value !== undefined && value !== null && (typeof value !== 'object' || Array.isArray(value))) {
    refuse('params', 'must be an object');
  }
  const given = (value ?? {}) as Readonly<Record<string, unknown>>;
  const problems = new Problems();
  for (const name in given) {
    if (!params.some((param) => param.spec.name === name)) {
      problems.add(`params.${name}`, 'is not a parameter of the model');
    }
  }
  const tensors: Record<string, Tensor> = {};
  for (const param of params) {
    const { name, default: fallback } = param.spec;
    tensors[name] = readParam(Object.hasOwn(given, name) ? given[name] : fallback, param, problems);
  }
  problems.throwIfAny();
  return tensors;
}

function readParam(value: unknown, { spec, type, reader, rank }: BoundParam, problems: Problems): Tensor {
  const values = Array.isArray(value) ? value : [value];
  if (Array.isArray(value) !== (spec.shape !== null)) {
    problems.add(`params.${spec.name}`, spec.shape === null ? 'must be one value' : 'must be a list');
  }
  const data = allocateTensorData(type, values.length);
  values.forEach((item, index) => {
    const stored = reader.read(item);
    if (stored === undefined) problems.add(`params.${spec.name}`, describeWrong(item, reader.expected));
    else (data as unknown[])[index] = stored;
  });
  return { type, data, dims: rank === 0 ? [] : [values.length] };
}
