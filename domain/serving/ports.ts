import type { NamedTensors } from './tensor.ts';

export type { TensorType } from './tensor.ts';

/** An input or output as the ONNX graph declares it; a string in the shape is a dimension of any length. */
export interface GraphValue {
  readonly name: string;
  /** False for sequences, maps and other values that have no element type. */
  readonly isTensor: boolean;
  readonly type: string | undefined;
  readonly shape: readonly (number | string)[];
}

/** What a loaded model takes and gives. */
export interface ModelGraph {
  readonly inputs: readonly GraphValue[];
  readonly outputs: readonly GraphValue[];
}

/** A model that is loaded and can be run; `run` rejects with the engine's own words, never to be shown. */
export interface ModelSession {
  readonly graph: ModelGraph;
  run(feeds: NamedTensors): Promise<NamedTensors>;
}
