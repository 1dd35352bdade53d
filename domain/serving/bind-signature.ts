import type { FieldError } from '../shared/domain-error.ts';
import {
  type ColumnSpec,
  isTensorSpec,
  type ModelSignature,
  type ParamSpec,
  type TensorSpec,
} from '../shared/signature.ts';
import type {
  Binding,
  BoundColumn,
  BoundInput,
  BoundParam,
  BoundTensor,
  ColumnBinding,
  RowLimit,
  TensorBinding,
} from './binding.ts';
import { type CellReader, isFloat, makeColumnReader, makeElementReader } from './cell.ts';
import { SignatureMismatchError } from './errors.ts';
import { applyRule, findRule, type InputPolicy, STRICT_INPUT } from './input-policy.ts';
import { type Placement, placeColumns } from './place-columns.ts';
import type { GraphValue, ModelGraph } from './ports.ts';
import { type TensorType, toTensorType } from './tensor.ts';

const SERVED_TYPES: ReadonlySet<string> = new Set<TensorType>([
  'float32',
  'float64',
  'int8',
  'int16',
  'int32',
  'int64',
  'uint8',
  'uint16',
  'uint32',
  'uint64',
  'bool',
  'string',
]);

/**
 * Ties a signature to the graph it describes. onnxruntime ignores unknown names and converts nothing, so all
 * of it is settled here, once, when the model is loaded.
 *
 * @throws SignatureMismatchError when some request that the signature allows could not be run.
 */
export function bindSignature(
  signature: ModelSignature,
  graph: ModelGraph,
  policy: InputPolicy = STRICT_INPUT,
): Binding {
  const errors: FieldError[] = [];
  for (const input of graph.inputs) {
    if (input.isTensor && SERVED_TYPES.has(input.type ?? '')) continue;
    errors.push({
      path: input.name,
      message: `input '${input.name}' of the model is ${input.type ?? 'no tensor'}, which is not served: export it as a tensor of floats, integers, booleans or texts`,
    });
  }
  if (errors.length > 0) throw new SignatureMismatchError(errors);

  const paramNames = new Set(signature.params.map((param) => param.name));
  const params = signature.params.flatMap((param) => bindParam(param, graph, errors));
  const inputs = graph.inputs.filter((input) => !paramNames.has(input.name));
  const rows = findRowLimit(inputs, graph.outputs);
  const tensors = signature.inputs.filter(isTensorSpec);
  const binding =
    tensors.length > 0
      ? bindTensors(tensors, inputs, { params, policy, rows }, errors)
      : bindColumns(signature.inputs as readonly ColumnSpec[], inputs, { params, policy, rows }, errors);
  if (errors.length > 0) throw new SignatureMismatchError(errors);
  return binding;
}

/** What holds for all inputs of a binding. */
interface Circumstances {
  readonly params: readonly BoundParam[];
  readonly policy: InputPolicy;
  readonly rows: RowLimit;
}

function bindColumns(
  specs: readonly ColumnSpec[],
  graphInputs: readonly GraphValue[],
  { params, policy, rows }: Circumstances,
  errors: FieldError[],
): ColumnBinding {
  const placement = placeColumns(specs, graphInputs);
  if (placement === undefined)
    throw new SignatureMismatchError([...errors, columnsMismatch(specs, graphInputs)]);
  const inputs = graphInputs.map((input, index) => toInput(input, placement.widths[index]!));
  const columns = specs.flatMap((spec, index) =>
    bindColumn(spec, placement.places[index]!, inputs, policy, errors),
  );
  return {
    kind: 'columns',
    columns,
    indexOf: new Map(columns.map((column, index) => [column.name, index])),
    inputs,
    byOrder: placement.byOrder,
    isFloatMatrix:
      inputs.length === 1 &&
      !inputs[0]!.flat &&
      isFloat(inputs[0]!.type) &&
      columns.every(({ type, reader }) => (type === 'float' || type === 'double') && hasNaN(reader)),
    ignoresUnknown: policy.unknownColumns === 'ignore',
    params,
    rows,
  };
}

function bindColumn(
  { name, type, required }: ColumnSpec,
  { input, offset }: Placement['places'][number],
  inputs: readonly BoundInput[],
  policy: InputPolicy,
  errors: FieldError[],
): BoundColumn[] {
  const bound = inputs[input]!;
  const plain = makeColumnReader(type, bound.type);
  const reader = plain && bindMissing(plain, name, policy, errors);
  if (reader !== undefined) return [{ name, type, required, reader, input, offset, tensorType: bound.type }];
  errors.push({
    path: name,
    message: `column '${name}' is ${type}, but input '${bound.name}' takes ${bound.type}`,
  });
  return [];
}

function bindMissing(plain: CellReader, name: string, policy: InputPolicy, errors: FieldError[]): CellReader {
  const reader = applyRule(plain, findRule(policy, name));
  if (reader === undefined) {
    const message = `the input policy fills missing values of '${name}' with what is not ${plain.expected}`;
    errors.push({ path: name, message });
  }
  return reader ?? plain;
}

function hasNaN({ missing }: CellReader): boolean {
  return Number.isNaN(missing);
}

function toInput(value: GraphValue, width: number): BoundInput {
  if (width === 1 && value.shape.length > 2) {
    throw new SignatureMismatchError([
      {
        path: value.name,
        message: `input '${value.name}' has more than two dimensions and cannot be a column`,
      },
    ]);
  }
  return {
    name: value.name,
    type: value.type as TensorType,
    width,
    flat: width === 1 && value.shape.length === 1,
  };
}

function columnsMismatch(specs: readonly ColumnSpec[], inputs: readonly GraphValue[]): FieldError {
  const names = inputs.map((input) => `'${input.name}' [${input.shape.join(', ')}]`).join(', ');
  return {
    path: 'inputs',
    message:
      `the ${specs.length} columns do not fit the model's inputs (${names}): neither by their names, ` +
      'nor by their number and types',
  };
}

function bindTensors(
  specs: readonly TensorSpec[],
  inputs: readonly GraphValue[],
  { params, policy, rows }: Circumstances,
  errors: FieldError[],
): TensorBinding {
  if (specs.length !== inputs.length) {
    errors.push({
      path: 'inputs',
      message: `${specs.length} tensors for the model's ${inputs.length} inputs`,
    });
  }
  const tensors = specs.flatMap((spec): BoundTensor[] => {
    const input =
      inputs.find(({ name }) => name === spec.name) ?? (specs.length === 1 ? inputs[0] : undefined);
    if (input === undefined) {
      errors.push({ path: spec.name, message: `the model has no input '${spec.name}'` });
      return [];
    }
    const type = input.type as TensorType;
    if (toTensorType(spec.dtype) !== type || !isSameShape(spec.shape, input.shape)) {
      const wants = `${type} [${input.shape.join(', ')}]`;
      errors.push({
        path: spec.name,
        message: `'${spec.name}' is ${spec.dtype} [${spec.shape.join(', ')}], but the model takes ${wants}`,
      });
    }
    const { name } = spec;
    const shape = rows.batch === undefined ? spec.shape : [-1, ...spec.shape.slice(1)];
    const reader = bindMissing(makeElementReader(type), name, policy, errors);
    const takesAsIs = !isFloat(type) || hasNaN(reader);
    return [{ name, input: input.name, type, shape, reader, takesAsIs }];
  });
  const ignoresUnknown = policy.unknownColumns === 'ignore';
  return { kind: 'tensors', tensors, ignoresUnknown, params, rows };
}

/** A fixed first dimension is a batch when all inputs and outputs have the same. */
function findRowLimit(inputs: readonly GraphValue[], outputs: readonly GraphValue[]): RowLimit {
  const fixed = inputs.map(({ shape }) => shape[0]).find((size) => typeof size === 'number');
  if (fixed === undefined) return {};
  const isBatch = [...inputs, ...outputs].every(({ shape, isTensor }) => !isTensor || shape[0] === fixed);
  return isBatch && fixed > 0 ? { batch: fixed } : { fixed };
}

function isSameShape(shape: readonly number[], graphShape: readonly (number | string)[]): boolean {
  if (shape.length !== graphShape.length) return false;
  return shape.every((size, k) => size === -1 || typeof graphShape[k] === 'string' || graphShape[k] === size);
}

function bindParam(spec: ParamSpec, graph: ModelGraph, errors: FieldError[]): BoundParam[] {
  const input = graph.inputs.find(({ name }) => name === spec.name);
  const type = input?.type as TensorType | undefined;
  const reader = type === undefined ? undefined : makeColumnReader(spec.type, type);
  if (input !== undefined && type !== undefined && reader !== undefined && input.shape.length <= 1) {
    return [{ spec, type, reader, rank: input.shape.length }];
  }
  errors.push({
    path: spec.name,
    message: `parameter '${spec.name}' is no scalar or list input of the model`,
  });
  return [];
}
