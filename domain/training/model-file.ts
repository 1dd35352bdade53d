import type { GbdtModel, Tree } from './gbdt/model.ts';

type EncodedTree = Readonly<Record<keyof Tree, string>>;

/**
 * The model as JSON: what leaves one step and enters the next. Arrays are base64 of their bytes, since JSON has
 * no infinity, which is the threshold of a split between present and missing.
 */
export function writeModelFile(model: GbdtModel): Uint8Array {
  const trees: EncodedTree[] = model.trees.map((tree) => ({
    feature: encode(tree.feature),
    threshold: encode(tree.threshold),
    left: encode(tree.left),
    right: encode(tree.right),
    missingLeft: encode(tree.missingLeft),
    value: encode(tree.value),
  }));
  return new TextEncoder().encode(JSON.stringify({ ...model, trees }));
}

export function readModelFile(bytes: Uint8Array): GbdtModel {
  const model = JSON.parse(new TextDecoder().decode(bytes)) as Omit<GbdtModel, 'trees'> & {
    readonly trees: readonly EncodedTree[];
  };
  return { ...model, trees: model.trees.map(toTree) };
}

function toTree(tree: EncodedTree): Tree {
  return {
    feature: new Int32Array(decode(tree.feature)),
    threshold: new Float32Array(decode(tree.threshold)),
    left: new Int32Array(decode(tree.left)),
    right: new Int32Array(decode(tree.right)),
    missingLeft: new Uint8Array(decode(tree.missingLeft)),
    value: new Float32Array(decode(tree.value)),
  };
}

function encode({ buffer, byteOffset, byteLength }: ArrayBufferView): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('base64');
}

function decode(text: string): ArrayBuffer {
  return Uint8Array.from(Buffer.from(text, 'base64')).buffer;
}
