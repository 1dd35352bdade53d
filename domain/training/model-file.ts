import type { GbdtModel, Tree } from './gbdt/model.ts';

/** The model as JSON: what leaves one step and enters the next; float32 values survive the way exactly. */
export function writeModelFile(model: GbdtModel): Uint8Array {
  const trees = model.trees.map((tree) =>
    Object.fromEntries(
      Object.entries(tree).map(([name, values]) => [name, Array.from(values as Int32Array)]),
    ),
  );
  return new TextEncoder().encode(JSON.stringify({ ...model, trees }));
}

export function readModelFile(bytes: Uint8Array): GbdtModel {
  const model = JSON.parse(new TextDecoder().decode(bytes)) as GbdtModel & {
    readonly trees: readonly Record<keyof Tree, number[]>[];
  };
  return { ...model, trees: model.trees.map(toTree) };
}

function toTree(tree: Readonly<Record<keyof Tree, number[]>>): Tree {
  return {
    feature: Int32Array.from(tree.feature),
    threshold: Float32Array.from(tree.threshold),
    left: Int32Array.from(tree.left),
    right: Int32Array.from(tree.right),
    missingLeft: Uint8Array.from(tree.missingLeft),
    value: Float32Array.from(tree.value),
  };
}
