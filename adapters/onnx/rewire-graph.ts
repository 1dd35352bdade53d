import { widenHalves } from './widen-halves.ts';
import {
  readFields,
  readText,
  type WireField,
  WireFormatError,
  writeBytes,
  writeNumber,
  writeText,
} from './wire-format.ts';

/** Numbers of the fields that are read here: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto */
const MODEL = { graph: 7 } as const;
const GRAPH = { node: 1, output: 12 } as const;
const NODE = { input: 1, output: 2, opType: 4, attribute: 5 } as const;
const VALUE = { name: 1, type: 2 } as const;
const ATTRIBUTE = { name: 1, text: 4, type: 20 } as const;
const STRING_ATTRIBUTE = 3;

/** What onnxruntime asks a machine for when a text step names no locale; few servers have it. */
const USUAL_LOCALES: ReadonlySet<string | undefined> = new Set([undefined, 'en_US', 'en_US.UTF-8']);
/** Every Linux has it, and it changes case as the usual one does. */
const PLAIN_LOCALE = 'C.UTF-8';
/** macOS has the usual one instead. */
const HAS_PLAIN_LOCALE = process.platform === 'linux';

/**
 * The graph as it is run, which differs from the file in three things that keep converted models from being served:
 *
 * - ZipMap's sequences of maps, which onnxruntime-node cannot read, are answered as the tensor of probabilities that
 *   ZipMap reads, under the name that the model gives them.
 * - Inputs and outputs of half floats are taken and answered as 32-bit floats, which hold every half exactly.
 * - Text steps without a locale of their own take the plain one.
 *
 * Read without a schema, since every cold endpoint does it. Answers the bytes themselves when nothing is to be done.
 */
export function rewireGraph(bytes: Uint8Array): Uint8Array {
  try {
    const graphs = [...readFields(bytes)].filter((field) => field.number === MODEL.graph && field.isBytes);
    const zipMaps = new Set(graphs.flatMap((graph) => findZipMapOutputs(bytes, graph)));
    const edited = editFields(bytes, 0, bytes.length, (field) =>
      field.number === MODEL.graph && field.isBytes ? editGraph(bytes, field, zipMaps) : undefined,
    );
    return widen(edited ?? bytes);
  } catch (error) {
    // onnxruntime says of such a file that it is damaged.
    if (error instanceof WireFormatError) return bytes;
    throw error;
  }
}

function widen(bytes: Uint8Array): Uint8Array {
  const edited = editFields(bytes, 0, bytes.length, (field) => {
    if (field.number !== MODEL.graph || !field.isBytes) return undefined;
    const parts = widenHalves(bytes, field);
    return parts && writeBytes(MODEL.graph, parts);
  });
  return edited ?? bytes;
}

function findZipMapOutputs(bytes: Uint8Array, graph: WireField): string[] {
  const made = new Set<string>();
  const answered: string[] = [];
  for (const field of readFields(bytes, graph.content, graph.end)) {
    if (field.number === GRAPH.output) answered.push(readText(bytes, field, VALUE.name) ?? '');
    if (field.number !== GRAPH.node || readText(bytes, field, NODE.opType) !== 'ZipMap') continue;
    made.add(readText(bytes, field, NODE.output) ?? '');
  }
  return answered.filter((name) => made.has(name));
}

function editGraph(
  bytes: Uint8Array,
  graph: WireField,
  zipMaps: ReadonlySet<string>,
): Uint8Array[] | undefined {
  const edited = editFields(bytes, graph.content, graph.end, (field) => {
    if (field.number === GRAPH.node) return editNode(bytes, field, zipMaps);
    if (field.number !== GRAPH.output || !zipMaps.has(readText(bytes, field, VALUE.name) ?? ''))
      return undefined;
    // Without a type: onnxruntime infers type and shape of the tensor.
    return writeBytes(
      GRAPH.output,
      keepFields(bytes, field, ({ number }) => number !== VALUE.type),
    );
  });
  return edited && writeBytes(MODEL.graph, [edited]);
}

function editNode(
  bytes: Uint8Array,
  node: WireField,
  zipMaps: ReadonlySet<string>,
): Uint8Array[] | undefined {
  const type = readText(bytes, node, NODE.opType);
  if (type === 'ZipMap' && zipMaps.has(readText(bytes, node, NODE.output) ?? '')) {
    const ends = keepFields(bytes, node, ({ number }) => number === NODE.input || number === NODE.output);
    return writeBytes(GRAPH.node, [...ends, writeText(NODE.opType, 'Identity')]);
  }
  return type === 'StringNormalizer' && HAS_PLAIN_LOCALE ? editLocale(bytes, node) : undefined;
}

function editLocale(bytes: Uint8Array, node: WireField): Uint8Array[] | undefined {
  const locale = [...readFields(bytes, node.content, node.end)].find(
    (field) => field.number === NODE.attribute && readText(bytes, field, ATTRIBUTE.name) === 'locale',
  );
  if (!USUAL_LOCALES.has(locale && readText(bytes, locale, ATTRIBUTE.text))) return undefined;
  const plain = [
    writeText(ATTRIBUTE.name, 'locale'),
    writeText(ATTRIBUTE.text, PLAIN_LOCALE),
    writeNumber(ATTRIBUTE.type, STRING_ATTRIBUTE),
  ];
  const others = keepFields(bytes, node, ({ start }) => start !== locale?.start);
  return writeBytes(GRAPH.node, [...others, ...writeBytes(NODE.attribute, plain)]);
}

function keepFields(bytes: Uint8Array, of: WireField, isKept: (field: WireField) => boolean): Uint8Array[] {
  return [...readFields(bytes, of.content, of.end)]
    .filter(isKept)
    .map(({ start, end }) => bytes.subarray(start, end));
}

/** The bytes between two positions with some fields replaced; undefined when none was. */
function editFields(
  bytes: Uint8Array,
  from: number,
  to: number,
  replace: (field: WireField) => readonly Uint8Array[] | undefined,
): Uint8Array | undefined {
  const parts: Uint8Array[] = [];
  let kept = from;
  for (const field of readFields(bytes, from, to)) {
    const replacement = replace(field);
    if (replacement === undefined) continue;
    parts.push(bytes.subarray(kept, field.start), ...replacement);
    kept = field.end;
  }
  if (parts.length === 0) return undefined;
  return Buffer.concat([...parts, bytes.subarray(kept, to)]);
}
