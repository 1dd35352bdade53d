import { type Field, message } from './protobuf-writer.ts';

/** ONNX's numbers of element types. */
const ELEMENT_TYPES = {
  float: 1n,
  uint8: 2n,
  int8: 3n,
  int32: 6n,
  int64: 7n,
  string: 8n,
  bool: 9n,
  float16: 10n,
  double: 11n,
} as const;
type ElementType = keyof typeof ELEMENT_TYPES;
type Attribute = number | bigint | string | readonly number[] | readonly bigint[] | readonly string[];

export interface ValueSpec {
  readonly name: string;
  readonly type: ElementType | 'zipmap';
  readonly shape?: readonly (number | string)[];
}

export interface NodeSpec {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly domain?: string;
  readonly attributes?: Readonly<Record<string, Attribute>>;
}

export interface GraphSpec {
  readonly inputs: readonly ValueSpec[];
  readonly outputs: readonly ValueSpec[];
  readonly nodes: readonly NodeSpec[];
}

/** The bytes of an ONNX model (opset 17, ai.onnx.ml 3). */
export function buildOnnxModel(graph: GraphSpec): Uint8Array {
  const body = message(
    ...graph.nodes.map((node): Field => [1, encodeNode(node)]),
    [2, 'test'],
    ...graph.inputs.map((value): Field => [11, encodeValue(value)]),
    ...graph.outputs.map((value): Field => [12, encodeValue(value)]),
  );
  const opsets: Field[] = [
    [8, message([1, ''], [2, 17n])],
    [8, message([1, 'ai.onnx.ml'], [2, 3n])],
  ];
  return message([1, 8n], [7, body], ...opsets);
}

function encodeValue({ name, type, shape = [] }: ValueSpec): Uint8Array {
  if (type === 'zipmap') {
    const value = message([1, message([1, ELEMENT_TYPES.float])]);
    const map = message([5, message([1, ELEMENT_TYPES.int64], [2, value])]);
    return message([1, name], [2, message([4, message([1, map])])]);
  }
  const dims = shape.map((dim): Field => [1, message(typeof dim === 'number' ? [1, BigInt(dim)] : [2, dim])]);
  return message([1, name], [2, message([1, message([1, ELEMENT_TYPES[type]], [2, message(...dims)])])]);
}

function encodeNode(node: NodeSpec): Uint8Array {
  return message(
    ...node.inputs.map((name): Field => [1, name]),
    ...node.outputs.map((name): Field => [2, name]),
    [4, node.op],
    ...Object.entries(node.attributes ?? {}).map(([name, value]): Field => [5, encodeAttribute(name, value)]),
    [7, node.domain ?? ''],
  );
}

function encodeAttribute(name: string, value: Attribute): Uint8Array {
  if (typeof value === 'number') return message([1, name], [2, value], [20, 1n]);
  if (typeof value === 'bigint') return message([1, name], [3, value], [20, 2n]);
  if (typeof value === 'string') return message([1, name], [4, value], [20, 3n]);
  const type = typeof value[0] === 'number' ? 6n : typeof value[0] === 'bigint' ? 7n : 8n;
  const number = { 6: 7, 7: 8, 8: 9 }[Number(type) as 6 | 7 | 8];
  return message([1, name], ...value.map((item): Field => [number, item]), [20, type]);
}

/** A classifier of complete trees over one float matrix, as the built-in trainer writes it. */
export function buildTreeClassifier(trees: number, depth: number, features: number, seed = 1): Uint8Array {
  const random = makeRandom(seed);
  const nodes = { tree: [] as bigint[], id: [] as bigint[], feature: [] as bigint[], mode: [] as string[] };
  const split = { value: [] as number[], yes: [] as bigint[], no: [] as bigint[] };
  const leaf = { tree: [] as bigint[], id: [] as bigint[], weight: [] as number[] };
  const inner = 2 ** depth - 1;
  for (let tree = 0; tree < trees; tree++) {
    for (let id = 0; id < 2 * inner + 1; id++) {
      const isLeaf = id >= inner;
      nodes.tree.push(BigInt(tree));
      nodes.id.push(BigInt(id));
      nodes.feature.push(isLeaf ? 0n : BigInt(Math.floor(random() * features)));
      nodes.mode.push(isLeaf ? 'LEAF' : 'BRANCH_LEQ');
      split.value.push(isLeaf ? 0 : random() * 10 - 5);
      split.yes.push(isLeaf ? 0n : BigInt(2 * id + 1));
      split.no.push(isLeaf ? 0n : BigInt(2 * id + 2));
      if (isLeaf) {
        leaf.tree.push(BigInt(tree));
        leaf.id.push(BigInt(id));
        leaf.weight.push((random() - 0.5) / 5);
      }
    }
  }
  const attributes: Record<string, Attribute> = {
    nodes_treeids: nodes.tree,
    nodes_nodeids: nodes.id,
    nodes_featureids: nodes.feature,
    nodes_modes: nodes.mode,
    nodes_values: split.value,
    nodes_truenodeids: split.yes,
    nodes_falsenodeids: split.no,
    nodes_missing_value_tracks_true: nodes.id.map(() => 0n),
    class_treeids: leaf.tree,
    class_nodeids: leaf.id,
    class_ids: leaf.id.map(() => 0n),
    class_weights: leaf.weight,
    classlabels_int64s: [0n, 1n],
    post_transform: 'LOGISTIC',
  };
  return buildOnnxModel({
    inputs: [{ name: 'features', type: 'float', shape: ['N', features] }],
    outputs: [
      { name: 'label', type: 'int64', shape: ['N'] },
      { name: 'probabilities', type: 'float', shape: ['N', 2] },
    ],
    nodes: [
      {
        op: 'TreeEnsembleClassifier',
        domain: 'ai.onnx.ml',
        inputs: ['features'],
        outputs: ['label', 'probabilities'],
        attributes,
      },
    ],
  });
}

/** Numbers from 0 to 1 that repeat with the seed (mulberry32). */
export function makeRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
