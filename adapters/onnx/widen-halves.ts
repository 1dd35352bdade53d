import {
  readFields,
  readNumber,
  readText,
  type WireField,
  writeBytes,
  writeNumber,
  writeText,
} from './wire-format.ts';

/** Numbers of the fields that are read here: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto */
const GRAPH = { node: 1, initializer: 5, input: 11, output: 12 } as const;
const NODE = { input: 1, output: 2, opType: 4, attribute: 5 } as const;
const VALUE = { name: 1, type: 2 } as const;
const TENSOR_TYPE = { tensor: 1, elementType: 1 } as const;
const ATTRIBUTE = { name: 1, number: 3, graph: 6, graphs: 11, type: 20 } as const;
const TENSOR_NAME = 8;
const INTEGER_ATTRIBUTE = 2;
const FLOAT = 1;
const HALF = 10;

type Names = ReadonlySet<string>;

/**
 * The parts of a graph whose inputs and outputs of half floats became 32-bit floats, with a cast behind and before them:
 * JavaScript's arrays of halves do not reach onnxruntime. Undefined when it has none.
 */
export function widenHalves(bytes: Uint8Array, graph: WireField): Uint8Array[] | undefined {
  const fields = [...readFields(bytes, graph.content, graph.end)];
  const weights = new Set(
    fields
      .filter(({ number }) => number === GRAPH.initializer)
      .map((field) => readText(bytes, field, TENSOR_NAME)),
  );
  const namesOf = (kind: number) =>
    fields
      .filter((field) => field.number === kind && findElementType(bytes, field) === HALF)
      .map((field) => readText(bytes, field, VALUE.name) ?? '')
      .filter((name) => !weights.has(name));
  const [inputs, outputs] = [namesOf(GRAPH.input), namesOf(GRAPH.output)];
  const halves = new Set([...inputs, ...outputs]);
  if (halves.size === 0) return undefined;
  return [
    ...inputs.flatMap((name) => writeCast(name, toHalfName(name), HALF)),
    ...fields.flatMap((field) => widenField(bytes, field, halves)),
    ...outputs.flatMap((name) => writeCast(toHalfName(name), name, FLOAT)),
  ];
}

function widenField(bytes: Uint8Array, field: WireField, halves: Names): Uint8Array[] {
  if (field.number === GRAPH.node) return renameInNode(bytes, field, halves);
  const isValue = field.number === GRAPH.input || field.number === GRAPH.output;
  if (!isValue || !halves.has(readText(bytes, field, VALUE.name) ?? '')) return [cut(bytes, field)];
  return rewrite(bytes, field, (type) =>
    type.number !== VALUE.type
      ? undefined
      : rewrite(bytes, type, (tensor) =>
          tensor.number !== TENSOR_TYPE.tensor
            ? undefined
            : rewrite(bytes, tensor, (part) =>
                part.number === TENSOR_TYPE.elementType
                  ? [writeNumber(TENSOR_TYPE.elementType, FLOAT)]
                  : undefined,
              ),
        ),
  );
}

/** Nodes go on with the halves, under another name; so do the graphs inside them, which see the names outside. */
function renameInNode(bytes: Uint8Array, node: WireField, halves: Names): Uint8Array[] {
  return rewrite(bytes, node, (field) => {
    if (field.number === NODE.attribute) return renameInAttribute(bytes, field, halves);
    if (field.number !== NODE.input && field.number !== NODE.output) return undefined;
    const name = Buffer.from(bytes.subarray(field.content, field.end)).toString();
    return halves.has(name) ? [writeText(field.number, toHalfName(name))] : undefined;
  });
}

function renameInAttribute(bytes: Uint8Array, attribute: WireField, halves: Names): Uint8Array[] {
  return rewrite(bytes, attribute, (field) => {
    if (field.number !== ATTRIBUTE.graph && field.number !== ATTRIBUTE.graphs) return undefined;
    return rewrite(bytes, field, (part) =>
      part.number === GRAPH.node ? renameInNode(bytes, part, halves) : undefined,
    );
  });
}

function findElementType(bytes: Uint8Array, value: WireField): number | undefined {
  for (const number of [VALUE.type, TENSOR_TYPE.tensor]) {
    const inner = [...readFields(bytes, value.content, value.end)].find((field) => field.number === number);
    if (inner === undefined || !inner.isBytes) return undefined;
    value = inner;
  }
  const found = [...readFields(bytes, value.content, value.end)].find(
    ({ number }) => number === TENSOR_TYPE.elementType,
  );
  return found && readNumber(bytes, found);
}

function toHalfName(name: string): string {
  return `${name}/half`;
}

function writeCast(from: string, to: string, type: number): Uint8Array[] {
  const attribute = [
    writeText(ATTRIBUTE.name, 'to'),
    writeNumber(ATTRIBUTE.number, type),
    writeNumber(ATTRIBUTE.type, INTEGER_ATTRIBUTE),
  ];
  return writeBytes(GRAPH.node, [
    writeText(NODE.input, from),
    writeText(NODE.output, to),
    writeText(NODE.opType, 'Cast'),
    ...writeBytes(NODE.attribute, attribute),
  ]);
}

/** A length-delimited field with some of its own fields replaced. */
function rewrite(
  bytes: Uint8Array,
  of: WireField,
  replace: (field: WireField) => readonly Uint8Array[] | undefined,
): Uint8Array[] {
  const parts = [...readFields(bytes, of.content, of.end)].flatMap(
    (field) => replace(field) ?? [cut(bytes, field)],
  );
  return writeBytes(of.number, parts);
}

function cut(bytes: Uint8Array, { start, end }: WireField): Uint8Array {
  return bytes.subarray(start, end);
}
