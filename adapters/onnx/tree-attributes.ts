import type { Tree } from '../../domain/training/gbdt/model.ts';
import { type Attribute, floatsAttribute, intsAttribute, stringsAttribute } from './attributes.ts';

/** Nodes and leaves of an ensemble in the parallel lists that ONNX's tree operators take. */
export class TreeLists {
  readonly #tree: number[] = [];
  readonly #node: number[] = [];
  readonly #feature: number[] = [];
  readonly #mode: string[] = [];
  readonly #threshold: number[] = [];
  readonly #yes: number[] = [];
  readonly #no: number[] = [];
  readonly #missingYes: number[] = [];
  readonly #leafTree: number[] = [];
  readonly #leafNode: number[] = [];
  readonly #leafValue: number[] = [];
  #trees = 0;

  add(tree: Tree): void {
    for (let node = 0; node < tree.feature.length; node++) {
      const isLeaf = tree.feature[node]! < 0;
      this.#tree.push(this.#trees);
      this.#node.push(node);
      this.#feature.push(isLeaf ? 0 : tree.feature[node]!);
      this.#mode.push(isLeaf ? 'LEAF' : 'BRANCH_LEQ');
      this.#threshold.push(isLeaf ? 0 : tree.threshold[node]!);
      this.#yes.push(tree.left[node]!);
      this.#no.push(tree.right[node]!);
      this.#missingYes.push(tree.missingLeft[node]!);
      if (isLeaf) this.#pushLeaf(node, tree.value[node]!);
    }
    this.#trees += 1;
  }

  /** A tree that adds the same to every row. */
  addConstant(value: number): void {
    const zero = new Int32Array(1);
    this.add({
      feature: Int32Array.of(-1),
      threshold: new Float32Array(1),
      left: zero,
      right: zero,
      missingLeft: new Uint8Array(1),
      value: Float32Array.of(value),
    });
  }

  get isEmpty(): boolean {
    return this.#trees === 0;
  }

  get hasNegativeLeaf(): boolean {
    return this.#leafValue.some((value) => value < 0);
  }

  /** `prefix` is what the operator calls its leaves: `class` or `target`. */
  toAttributes(prefix: 'class' | 'target'): Attribute[] {
    return [
      intsAttribute('nodes_treeids', this.#tree),
      intsAttribute('nodes_nodeids', this.#node),
      intsAttribute('nodes_featureids', this.#feature),
      stringsAttribute('nodes_modes', this.#mode),
      floatsAttribute('nodes_values', this.#threshold),
      intsAttribute('nodes_truenodeids', this.#yes),
      intsAttribute('nodes_falsenodeids', this.#no),
      intsAttribute('nodes_missing_value_tracks_true', this.#missingYes),
      intsAttribute(`${prefix}_treeids`, this.#leafTree),
      intsAttribute(`${prefix}_nodeids`, this.#leafNode),
      intsAttribute(
        `${prefix}_ids`,
        this.#leafTree.map(() => 0),
      ),
      floatsAttribute(`${prefix}_weights`, this.#leafValue),
    ];
  }

  #pushLeaf(node: number, value: number): void {
    this.#leafTree.push(this.#trees);
    this.#leafNode.push(node);
    this.#leafValue.push(value);
  }
}
