import { fromBinary } from '@bufbuild/protobuf';
import { InvalidInputError } from '../../domain/shared/domain-error.ts';
import { declaredBytes } from './declared-sizes.ts';
import {
  type AttributeProto,
  type GraphProto,
  type ModelProto,
  ModelProtoSchema,
  type NodeProto,
  type SparseTensorProto,
  type TensorProto,
  TensorProto_DataLocation,
  TensorProto_DataType,
  type ValueInfoProto,
} from './onnx-ml_pb.ts';

/** A graph input or output. */
export interface OnnxValue {
  readonly name: string;
  /** What the value is; only tensors can be served. */
  readonly kind: 'tensor' | 'sequence' | 'map' | 'optional' | 'sparse-tensor' | 'opaque' | 'unknown';
  /** ONNX's name of the element type in lower case (`float`, `int64`, `string`), null unless a tensor. */
  readonly elementType: string | null;
  /** A number, a symbolic name, or null where nothing is said; null as a whole when the rank is unknown. */
  readonly shape: readonly (number | string | null)[] | null;
}

/** What registering needs to know about an ONNX file, read without running it. */
export interface OnnxModelFacts {
  readonly irVersion: number;
  readonly producer: string;
  readonly opsets: readonly { readonly domain: string; readonly version: number }[];
  /** Inputs that a caller gives: those with an initializer of the same name are left out. */
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  readonly initializerNames: readonly string[];
  /** Operator domains beyond ONNX's own, in the order of appearance; a plain onnxruntime lacks them. */
  readonly customDomains: readonly string[];
  /** Relative paths of external data files, as the file writes them, each once. */
  readonly externalData: readonly string[];
  /** Outputs that ZipMap makes of probabilities, with the classes in their order. */
  readonly zipMaps: readonly { readonly output: string; readonly classes: readonly string[] }[];
  /** What all weights and constants take by their declared shapes, wherever they are stored. */
  readonly weightBytes: number;
  /** Nodes of the graph, its sub-graphs and its functions. */
  readonly nodeCount: number;
}

/** `com.microsoft` is built into onnxruntime, the other two are the standard's. */
const KNOWN_DOMAINS = new Set(['', 'ai.onnx', 'ai.onnx.ml', 'com.microsoft']);

/**
 * Reads an ONNX file's graph.
 *
 * @throws InvalidInputError when the bytes are no ONNX model.
 */
export function readModel(bytes: Uint8Array): OnnxModelFacts {
  const model = parse(bytes);
  const graph = model.graph;
  if (graph === undefined) throw new InvalidInputError('The ONNX file holds no graph.');
  const walk = new GraphWalk();
  walk.visitGraph(graph);
  for (const { domain, node } of model.functions) walk.visitNodes(node, domain);
  const initialized = new Set(graph.initializer.map(({ name }) => name));
  return {
    irVersion: Number(model.irVersion),
    producer: model.producerName,
    opsets: model.opsetImport.map(({ domain, version }) => ({ domain, version: Number(version) })),
    inputs: graph.input.filter(({ name }) => !initialized.has(name)).map(describeValue),
    outputs: graph.output.map(describeValue),
    initializerNames: [...initialized],
    customDomains: [...walk.domains].filter(
      (domain) => !KNOWN_DOMAINS.has(domain) && !model.functions.some((own) => own.domain === domain),
    ),
    externalData: [...walk.externalData],
    zipMaps: graph.node.filter(({ opType }) => opType === 'ZipMap').map(describeZipMap),
    weightBytes: walk.weightBytes,
    nodeCount: walk.nodeCount,
  };
}

function parse(bytes: Uint8Array): ModelProto {
  try {
    return fromBinary(ModelProtoSchema, bytes);
  } catch (cause) {
    throw new InvalidInputError(
      'The file is not an ONNX model, or is cut short: export it again, and send it whole.',
      [],
      { cause },
    );
  }
}

function describeValue({ name, type }: ValueInfoProto): OnnxValue {
  const value = type?.value;
  if (value?.case !== 'tensorType') {
    return { name, kind: kindOf(value?.case), elementType: null, shape: null };
  }
  const { elemType, shape } = value.value;
  return {
    name,
    kind: 'tensor',
    elementType: toElementType(elemType),
    shape: shape?.dim.map(({ value: size }) => toSize(size)) ?? null,
  };
}

const ELEMENT_TYPES = new Map(
  Object.entries(TensorProto_DataType).map(([name, number]) => [number as number, name.toLowerCase()]),
);

function toElementType(number: number): string {
  return ELEMENT_TYPES.get(number) ?? 'undefined';
}

function describeZipMap({ output, attribute }: NodeProto) {
  const classes = attribute.flatMap(({ ints, strings }) => [
    ...ints.map(String),
    ...strings.map((text) => Buffer.from(text).toString()),
  ]);
  return { output: output[0] ?? '', classes };
}

function toSize(
  size: { case: 'dimValue'; value: bigint } | { case: 'dimParam'; value: string } | { case?: undefined },
) {
  if (size.case === 'dimValue') return Number(size.value);
  return size.case === 'dimParam' ? size.value : null;
}

function kindOf(type: string | undefined): OnnxValue['kind'] {
  if (type === 'sequenceType') return 'sequence';
  if (type === 'mapType') return 'map';
  if (type === 'optionalType') return 'optional';
  if (type === 'sparseTensorType') return 'sparse-tensor';
  return type === 'opaqueType' ? 'opaque' : 'unknown';
}

/** Collects what is spread over a graph and the graphs inside its nodes. */
class GraphWalk {
  nodeCount = 0;
  weightBytes = 0;
  readonly domains = new Set<string>();
  readonly externalData = new Set<string>();

  visitGraph(graph: GraphProto): void {
    for (const tensor of graph.initializer) this.#visitTensor(tensor);
    for (const sparse of graph.sparseInitializer) this.#visitSparse(sparse);
    this.visitNodes(graph.node);
  }

  visitNodes(nodes: readonly NodeProto[], functionDomain?: string): void {
    for (const node of nodes) {
      this.nodeCount += 1;
      if (node.domain !== functionDomain) this.domains.add(node.domain);
      for (const attribute of node.attribute) this.#visitAttribute(attribute);
    }
  }

  #visitAttribute(attribute: AttributeProto): void {
    if (attribute.t !== undefined) this.#visitTensor(attribute.t);
    for (const tensor of attribute.tensors) this.#visitTensor(tensor);
    if (attribute.sparseTensor !== undefined) this.#visitSparse(attribute.sparseTensor);
    for (const sparse of attribute.sparseTensors) this.#visitSparse(sparse);
    if (attribute.g !== undefined) this.visitGraph(attribute.g);
    for (const graph of attribute.graphs) this.visitGraph(graph);
  }

  #visitSparse(sparse: SparseTensorProto): void {
    if (sparse.values !== undefined) this.#visitTensor(sparse.values);
    if (sparse.indices !== undefined) this.#visitTensor(sparse.indices);
  }

  #visitTensor(tensor: TensorProto): void {
    this.weightBytes += declaredBytes(toElementType(tensor.dataType), tensor.dims.map(Number));
    if (tensor.dataLocation !== TensorProto_DataLocation.EXTERNAL) return;
    const location = tensor.externalData.find(({ key }) => key === 'location')?.value;
    this.externalData.add(location ?? '');
  }
}
