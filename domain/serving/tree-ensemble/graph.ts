/** An attribute of an ONNX node: whichever of its fields the file sets. */
export interface NodeAttribute {
  readonly float: number;
  readonly int: number;
  readonly text: string;
  readonly floats: Float64Array;
  readonly ints: Float64Array;
  readonly texts: readonly string[];
  /** Whether it is a tensor or a graph, which no tree operator of 32-bit floats has. */
  readonly isOther: boolean;
}

export interface GraphNode {
  readonly op: string;
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, NodeAttribute>;
}

/** As much of an ONNX graph as tells whether it is an ensemble of trees. */
export interface PlainGraph {
  readonly nodes: readonly GraphNode[];
  readonly outputs: readonly string[];
}
