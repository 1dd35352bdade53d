import type { JsonWriter } from './json-writer.ts';
import type { GraphValue, ModelGraph } from './ports.ts';
import { type Tensor, V2_DATATYPES } from './tensor.ts';

/** Which of the graph's outputs are answered, and what they mean. */
export interface OutputPlan {
  /** Tensor outputs in the graph's order; sequences and maps are left out, since onnxruntime-node cannot read them. */
  readonly names: readonly string[];
  /** A classifier's or detector's decision a row. */
  readonly label: string | undefined;
  /** Its probabilities or scores. */
  readonly scores: string | undefined;
}

const LABEL_TYPES: ReadonlySet<string | undefined> = new Set(['int64', 'int32', 'string', 'bool']);
const FLOAT_TYPES: ReadonlySet<string | undefined> = new Set(['float32', 'float64']);

/** A label beside a table of floats is a classification: so write it the built-in trainers, skl2onnx and others. */
export function planOutputs(graph: ModelGraph): OutputPlan {
  const tensors = graph.outputs.filter(
    (output) => output.isTensor && output.type !== undefined && output.type in V2_DATATYPES,
  );
  const label = tensors.find((output) => LABEL_TYPES.has(output.type) && isOneARow(output));
  const floats = tensors.filter((output) => FLOAT_TYPES.has(output.type) && output.shape.length <= 2);
  const scores = floats.find((output) => /prob|score/i.test(output.name)) ?? floats[0];
  const isClassifier = label !== undefined && scores !== undefined;
  return {
    names: tensors.map((output) => output.name),
    label: isClassifier ? label.name : undefined,
    scores: isClassifier ? scores.name : undefined,
  };
}

function isOneARow({ shape }: GraphValue): boolean {
  return shape.length === 1 || (shape.length === 2 && shape[1] === 1);
}

/** How many elements of the tensor belong to one row. */
export function elementsPerRow(tensor: Tensor, rows: number): number {
  return rows === 0 ? 0 : tensor.data.length / rows;
}

/** Writes elements of a tensor as a comma-separated list. */
export function writeElements(writer: JsonWriter, tensor: Tensor, start: number, end: number): void {
  const isFloat32 = tensor.type === 'float32';
  const { data } = tensor;
  for (let i = start; i < end; i++) {
    if (i > start) writer.comma();
    if (isFloat32) writer.float32(data[i] as number);
    else writeElement(writer, tensor, i);
  }
}

/** Writes one element: int64 exactly, NaN as null, booleans as such. */
export function writeElement(writer: JsonWriter, { type, data }: Tensor, index: number): void {
  if (type === 'float32') writer.float32(data[index] as number);
  else if (type === 'float64') writer.float64(data[index] as number);
  else if (type === 'string') writer.string(data[index] as string);
  else if (type === 'bool') writer.raw(data[index] ? 'true' : 'false');
  else if (type === 'int64' || type === 'uint64') writeBigInteger(writer, data[index] as bigint);
  else writer.integer(data[index] as number);
}

/** Labels and counts are small: as numbers they are written four times as fast as by BigInt's own digits. */
function writeBigInteger(writer: JsonWriter, value: bigint): void {
  const number = Number(value);
  if (Number.isSafeInteger(number)) writer.integer(number);
  else writer.raw(`${value}`);
}

/** Writes what a row has of the tensor: a value, or a list when there are several. */
export function writeRow(writer: JsonWriter, tensor: Tensor, row: number, width: number): void {
  if (width === 1) {
    writeElement(writer, tensor, row);
    return;
  }
  writer.raw('[');
  writeElements(writer, tensor, row * width, (row + 1) * width);
  writer.raw(']');
}

/** Writes what a row has, nested as images and sequences are: lists of lists beyond two dimensions. */
export function writeShapedRow(writer: JsonWriter, tensor: Tensor, row: number, width: number): void {
  const { dims, data } = tensor;
  const isPlain = dims.length <= 2 || width === 1 || dims[0]! * width !== data.length;
  if (isPlain) writeRow(writer, tensor, row, width);
  else writeNested(writer, tensor, 1, row * width, width);
}

function writeNested(writer: JsonWriter, tensor: Tensor, dim: number, start: number, count: number): void {
  writer.raw('[');
  const size = tensor.dims[dim]!;
  if (dim === tensor.dims.length - 1) writeElements(writer, tensor, start, start + count);
  else {
    for (let k = 0; k < size; k++) {
      if (k > 0) writer.comma();
      writeNested(writer, tensor, dim + 1, start + (k * count) / size, count / size);
    }
  }
  writer.raw(']');
}
