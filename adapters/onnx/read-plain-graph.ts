import type { GraphNode, NodeAttribute, PlainGraph } from '../../domain/serving/tree-ensemble/graph.ts';
import { NumberBuffer } from './number-buffer.ts';
import { WireReader } from './wire-reader.ts';

/** Numbers of the fields in onnx.proto that are read; all others are skipped. */
const MODEL_GRAPH = 7;
const GRAPH = { node: 1, output: 12 };
const NODE = { input: 1, output: 2, op: 4, attribute: 5, domain: 7 };
const VALUE_NAME = 1;
const ATTRIBUTE = { name: 1, float: 2, int: 3, text: 4, floats: 7, ints: 8, texts: 9, docs: 13, type: 20 };

/**
 * Reads nodes, attributes and outputs of an ONNX file by hand: the classes of the whole format would be more than
 * half of what a cold endpoint loads.
 *
 * @returns undefined when the bytes are no such file
 */
export function readPlainGraph(bytes: Uint8Array): PlainGraph | undefined {
  try {
    const model = new WireReader(bytes);
    while (model.next()) if (model.field === MODEL_GRAPH) return readGraph(model.message());
  } catch (error) {
    // Reading beyond the end; onnxruntime has the say over what a model is.
    if (!(error instanceof RangeError)) throw error;
  }
  return undefined;
}

function readGraph(reader: WireReader): PlainGraph {
  const nodes: GraphNode[] = [];
  const outputs: string[] = [];
  while (reader.next()) {
    if (reader.field === GRAPH.node) nodes.push(readNode(reader.message()));
    else if (reader.field === GRAPH.output) outputs.push(readName(reader.message()));
  }
  return { nodes, outputs };
}

function readName(reader: WireReader): string {
  let name = '';
  while (reader.next()) if (reader.field === VALUE_NAME) name = reader.text();
  return name;
}

function readNode(reader: WireReader): GraphNode {
  const node = { op: '', domain: '', inputs: [] as string[], outputs: [] as string[] };
  const attributes = new Map<string, NodeAttribute>();
  while (reader.next()) {
    if (reader.field === NODE.input) node.inputs.push(reader.text());
    else if (reader.field === NODE.output) node.outputs.push(reader.text());
    else if (reader.field === NODE.op) node.op = reader.text();
    else if (reader.field === NODE.domain) node.domain = reader.text();
    else if (reader.field === NODE.attribute) {
      const [name, attribute] = readAttribute(reader.message());
      attributes.set(name, attribute);
    }
  }
  return { ...node, attributes };
}

function readAttribute(reader: WireReader): [string, NodeAttribute] {
  let [name, text, float, int, isOther] = ['', '', 0, 0, false];
  const floats = new NumberBuffer();
  const ints = new NumberBuffer();
  const texts: string[] = [];
  while (reader.next()) {
    const { field } = reader;
    if (field === ATTRIBUTE.name) name = reader.text();
    else if (field === ATTRIBUTE.float) float = reader.float();
    else if (field === ATTRIBUTE.int) int = reader.varint();
    else if (field === ATTRIBUTE.text) text = reader.text();
    else if (field === ATTRIBUTE.floats) reader.floats(floats);
    else if (field === ATTRIBUTE.ints) reader.varints(ints);
    else if (field === ATTRIBUTE.texts) reader.texts(texts);
    else if (field !== ATTRIBUTE.docs && field !== ATTRIBUTE.type) isOther = true;
  }
  return [name, { float, int, text, floats: floats.toArray(), ints: ints.toArray(), texts, isOther }];
}
