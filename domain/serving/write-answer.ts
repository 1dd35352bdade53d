import { InferenceFailedError } from './errors.ts';
import { type JsonWriter, toAsciiJson } from './json-writer.ts';
import { elementsPerRow, type OutputPlan, writeElements, writeRow } from './outputs.ts';
import { type NamedTensors, type Tensor, V2_DATATYPES } from './tensor.ts';

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
    if (tensors.length === 1) writeRow(writer, tensors[0]!.tensor, row, tensors[0]!.width);
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
    writeRow(writer, tensors[k]!.tensor, row, tensors[k]!.width);
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

/** Open Inference v2's answer, with the outputs that were asked for. */
export function writeInferResponse(
  writer: JsonWriter,
  model: { readonly name: string; readonly version: string },
  id: string | undefined,
  names: readonly string[],
  outputs: NamedTensors,
): void {
  writer.raw('{"model_name":');
  writer.string(model.name);
  writer.raw(',"model_version":');
  writer.string(model.version);
  if (id !== undefined) {
    writer.raw(',"id":');
    writer.string(id);
  }
  writer.raw(',"outputs":[');
  names.forEach((name, index) => {
    const tensor = outputs[name];
    if (tensor === undefined) throw new InferenceFailedError(`The model did not give its output '${name}'.`);
    if (index > 0) writer.comma();
    writer.raw('{"name":');
    writer.string(name);
    writer.raw(`,"datatype":"${V2_DATATYPES[tensor.type]}","shape":[${tensor.dims.join(',')}],"data":[`);
    writeElements(writer, tensor, 0, tensor.data.length);
    writer.raw(']}');
  });
  writer.raw(']}');
}
