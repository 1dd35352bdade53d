import { encodeElements } from './binary-tensors.ts';
import { InferenceFailedError } from './errors.ts';
import type { JsonWriter } from './json-writer.ts';
import { writeElements } from './outputs.ts';
import type { InferRequest } from './read-infer-request.ts';
import { type NamedTensors, type Tensor, V2_DATATYPES } from './tensor.ts';

/** Open Inference v2's answer: its JSON, and the tensors that were asked for in the binary form, in order. */
export interface InferResponse {
  readonly json: string;
  readonly binary: readonly Uint8Array[];
}

/** Answers with the outputs that were asked for. */
export function writeInferResponse(
  writer: JsonWriter,
  model: { readonly name: string; readonly version: string },
  { id, outputs: requested }: Pick<InferRequest, 'id' | 'outputs'>,
  outputs: NamedTensors,
): InferResponse {
  const binary: Uint8Array[] = [];
  writer.reset();
  writer.raw('{"model_name":');
  writer.string(model.name);
  writer.raw(',"model_version":');
  writer.string(model.version);
  if (id !== undefined) {
    writer.raw(',"id":');
    writer.string(id);
  }
  if (requested.asTable) writer.raw(',"parameters":{"content_type":"pd"}');
  writer.raw(',"outputs":[');
  requested.names.forEach((name, index) => {
    const tensor = outputs[name];
    if (tensor === undefined) throw new InferenceFailedError(`The model did not give its output '${name}'.`);
    if (index > 0) writer.comma();
    writer.raw('{"name":');
    writer.string(name);
    writer.raw(`,"datatype":"${V2_DATATYPES[tensor.type]}","shape":[${tensor.dims.join(',')}]`);
    if (requested.binary.has(name)) binary.push(writeBinary(writer, tensor));
    else writeData(writer, tensor, requested.asTable);
    writer.raw('}');
  });
  writer.raw(']}');
  return { json: writer.toString(), binary };
}

function writeData(writer: JsonWriter, tensor: Tensor, asTable: boolean): void {
  if (asTable && tensor.type === 'string') writer.raw(',"parameters":{"content_type":"str"}');
  writer.raw(',"data":[');
  writeElements(writer, tensor, 0, tensor.data.length);
  writer.raw(']');
}

function writeBinary(writer: JsonWriter, tensor: Tensor): Uint8Array {
  const bytes = encodeElements(tensor);
  writer.raw(`,"parameters":{"binary_data_size":${bytes.length}}`);
  return bytes;
}
