import { InferenceFailedError } from './errors.ts';
import { type JsonWriter, toAsciiJson } from './json-writer.ts';
import { elementsPerRow, type OutputPlan, writeShapedRow } from './outputs.ts';
import type { NamedTensors, Tensor } from './tensor.ts';

/** MLflow's answer: a plain list for one output, a record a row for several. */
export function writePredictions(
  writer: JsonWriter,
  plan: OutputPlan,
  outputs: NamedTensors,
  rows: number,
): void {
  const tensors = plan.names.map((name) => rowTensor(outputs, name, rows));
  const keys = plan.names.map((name, index) => `${index === 0 ? '{' : ','}${toAsciiJson(name)}:`);
  writer.raw('{"predictions":[');
  for (let row = 0; row < rows; row++) {
    if (row > 0) writer.comma();
    if (tensors.length === 1) writeShapedRow(writer, tensors[0]!.tensor, row, tensors[0]!.width);
    else writeRecord(writer, keys, tensors, row);
  }
  writer.raw(']}');
}

interface RowTensor {
  readonly tensor: Tensor;
  readonly width: number;
}

function writeRecord(
  writer: JsonWriter,
  keys: readonly string[],
  tensors: readonly RowTensor[],
  row: number,
): void {
  for (let k = 0; k < tensors.length; k++) {
    writer.raw(keys[k]!);
    writeShapedRow(writer, tensors[k]!.tensor, row, tensors[k]!.width);
  }
  writer.raw('}');
}

/** A tensor whose elements divide over the rows; throws InferenceFailedError when they do not. */
function rowTensor(outputs: NamedTensors, name: string, rows: number): RowTensor {
  const tensor = outputs[name];
  const width = tensor === undefined ? Number.NaN : elementsPerRow(tensor, rows);
  if (tensor === undefined || !Number.isInteger(width)) {
    throw new InferenceFailedError(
      `The model's output '${name}' does not have one entry for each of the ${rows} rows.`,
    );
  }
  return { tensor, width };
}
