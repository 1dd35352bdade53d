import { floatBefore } from './float-before.ts';
import { NodeIndex } from './node-index.ts';

/** The parallel lists that ONNX's tree operators take, one entry a node and one a leaf's weight. */
export interface TreeLists {
  readonly treeIds: ArrayLike<number>;
  readonly nodeIds: ArrayLike<number>;
  readonly featureIds: ArrayLike<number>;
  readonly modes: readonly string[];
  readonly values: ArrayLike<number>;
  readonly trueIds: ArrayLike<number>;
  readonly falseIds: ArrayLike<number>;
  /** Empty when no node sends missing values to its true branch. */
  readonly missingTrue: ArrayLike<number>;
  readonly weightTreeIds: ArrayLike<number>;
  readonly weightNodeIds: ArrayLike<number>;
  readonly weightTargets: ArrayLike<number>;
  readonly weights: ArrayLike<number>;
}

/**
 * Trees as arrays: node `k` is the four words from `4k` on. A leaf goes to itself, so that all trees can be
 * walked the same number of steps without asking whether it is over.
 */
export interface FlatTrees extends LeafWeights {
  /** Feature, threshold (in `thresholds`), where to go otherwise, and where to go when value ≤ threshold. */
  readonly words: Int32Array;
  /** The same memory as 32-bit floats. */
  readonly thresholds: Float32Array;
  /** By node whether NaN goes the way of values ≤ threshold; undefined when it never does. */
  readonly missingBelow: Uint8Array | undefined;
  readonly roots: Int32Array;
  readonly isLeaf: Uint8Array;
  /** Steps from a root to its deepest leaf. */
  readonly depth: number;
  readonly features: number;
}

export interface LeafWeights {
  /** By node, where its weights start; its neighbour's start is their end. */
  readonly weightStart: Int32Array;
  readonly weightTarget: Int32Array;
  readonly weight: Float32Array;
  /** The one target that each leaf has exactly one weight for; undefined when it is otherwise. */
  readonly onlyTarget: number | undefined;
}

export const WORDS = 4;
export const [THRESHOLD, OTHERWISE, BELOW] = [1, 2, 3];

/**
 * Lays trees out flat; undefined when they are not what converters write: a tree's nodes apart from each other,
 * a node that two others lead to, an unknown mode. It runs once and cold, in INIT: loops over plain arrays take a
 * fifth of what maps and an object a node do.
 */
export function flattenTrees(lists: TreeLists): FlatTrees | undefined {
  const index = NodeIndex.of(lists.treeIds, lists.nodeIds);
  if (index === undefined || lists.treeIds.length === 0) return undefined;
  const layout = new TreeLayout(lists, index);
  const weights = layout.layNodes() ? layWeights(lists, index, layout.isLeaf) : undefined;
  if (weights === undefined) return undefined;
  const { words, thresholds, isLeaf, missingBelow, hasMissingBelow, features } = layout;
  const roots = Int32Array.from(index.roots, (root) => root * WORDS);
  const depth = measureDepth(words, isLeaf, roots);
  return {
    ...{ words, thresholds, roots, isLeaf, depth, features, ...weights },
    missingBelow: hasMissingBelow ? missingBelow : undefined,
  };
}

class TreeLayout {
  readonly words: Int32Array;
  readonly thresholds: Float32Array;
  readonly missingBelow: Uint8Array;
  readonly isLeaf: Uint8Array;
  hasMissingBelow = false;
  features = 0;
  private readonly lists: TreeLists;
  private readonly index: NodeIndex;
  private readonly reached: Uint8Array;
  /** First node of the tree that is laid. */
  private start = 0;
  /** Place of the next node that an equality needs beside its own. */
  private next: number;

  constructor(lists: TreeLists, index: NodeIndex) {
    const listed = lists.treeIds.length;
    let nodes = listed;
    for (const mode of lists.modes) if (mode === 'BRANCH_EQ' || mode === 'BRANCH_NEQ') nodes += 1;
    this.words = new Int32Array(nodes * WORDS);
    this.thresholds = new Float32Array(this.words.buffer);
    this.missingBelow = new Uint8Array(nodes);
    this.isLeaf = new Uint8Array(nodes);
    this.reached = new Uint8Array(nodes);
    for (const root of index.roots) this.reached[root] = 1;
    this.lists = lists;
    this.index = index;
    this.next = listed;
  }

  /** False when some node is not known. */
  layNodes(): boolean {
    const { treeIds, trueIds, falseIds, modes, values, missingTrue } = this.lists;
    const { words, isLeaf } = this;
    for (let node = 0; node < treeIds.length; node++) {
      if (treeIds[node] !== treeIds[node - 1]) this.start = node;
      const mode = modes[node]!;
      if (mode === 'LEAF') {
        isLeaf[node] = 1;
        words[node * WORDS + OTHERWISE] = node * WORDS;
        words[node * WORDS + BELOW] = node * WORDS;
        continue;
      }
      const tree = treeIds[node]!;
      const yes = this.reach(tree, trueIds[node]!);
      const no = this.reach(tree, falseIds[node]!);
      const value = Math.fround(values[node]!);
      if (yes === -1 || no === -1 || Number.isNaN(value)) return false;
      if (!this.layBranch(node, mode, value, yes, no, missingTrue[node] === 1)) return false;
    }
    return true;
  }

  /** The child's place; −1 when it is not of the tree, or was led to before: perhaps a circle. */
  private reach(tree: number, id: number): number {
    const place = this.index.isCounted ? this.start + id : this.index.find(tree, id);
    if (this.lists.treeIds[place] !== tree || this.reached[place] === 1) return -1;
    this.reached[place] = 1;
    return place;
  }

  /** Every comparison as `≤`, which for floats it can always be. */
  private layBranch(
    node: number,
    mode: string,
    value: number,
    yes: number,
    no: number,
    missingYes: boolean,
  ): boolean {
    const feature = this.lists.featureIds[node]!;
    if (!(feature >= 0)) return false;
    if (mode === 'BRANCH_LEQ') this.lay(node, feature, value, yes, no, missingYes);
    else if (mode === 'BRANCH_GT') this.lay(node, feature, value, no, yes, !missingYes);
    else if (value === Number.NEGATIVE_INFINITY) return false;
    else if (mode === 'BRANCH_LT') this.lay(node, feature, floatBefore(value), yes, no, missingYes);
    else if (mode === 'BRANCH_GTE') this.lay(node, feature, floatBefore(value), no, yes, !missingYes);
    else if (mode === 'BRANCH_EQ') this.layEqual(node, feature, value, yes, no, missingYes);
    // NaN is unequal to everything.
    else if (mode === 'BRANCH_NEQ') this.layEqual(node, feature, value, no, yes, false);
    else return false;
    return true;
  }

  /** Equal is: not above, and then not below. */
  private layEqual(
    node: number,
    feature: number,
    value: number,
    equal: number,
    unequal: number,
    missingEqual: boolean,
  ): void {
    const inner = this.next++;
    this.lay(node, feature, value, inner, unequal, missingEqual);
    this.lay(inner, feature, floatBefore(value), unequal, equal, false);
  }

  private lay(
    node: number,
    feature: number,
    threshold: number,
    below: number,
    otherwise: number,
    missingBelow: boolean,
  ): void {
    const at = node * WORDS;
    this.words[at] = feature;
    this.thresholds[at + THRESHOLD] = threshold;
    this.words[at + OTHERWISE] = otherwise * WORDS;
    this.words[at + BELOW] = below * WORDS;
    if (missingBelow) {
      this.missingBelow[node] = 1;
      this.hasMissingBelow = true;
    }
    if (feature >= this.features) this.features = feature + 1;
  }
}

function layWeights(lists: TreeLists, index: NodeIndex, isLeaf: Uint8Array): LeafWeights | undefined {
  const { treeIds, weightTreeIds, weightNodeIds, weightTargets, weights } = lists;
  const count = weights.length;
  const places = new Int32Array(count);
  const weightStart = new Int32Array(isLeaf.length + 1);
  for (let k = 0; k < count; k++) {
    const place = index.find(weightTreeIds[k]!, weightNodeIds[k]!);
    if (treeIds[place] !== weightTreeIds[k] || isLeaf[place] !== 1) return undefined;
    places[k] = place;
    weightStart[place + 1]! += 1;
  }
  let hasOneEach = true;
  for (let node = 0; node < isLeaf.length; node++) {
    if (weightStart[node + 1] !== isLeaf[node]) hasOneEach = false;
    weightStart[node + 1]! += weightStart[node]!;
  }
  const next = weightStart.slice();
  const weightTarget = new Int32Array(count);
  const weight = new Float32Array(count);
  let hasOneTarget = true;
  for (let k = 0; k < count; k++) {
    const at = next[places[k]!]!++;
    weightTarget[at] = weightTargets[k]!;
    weight[at] = weights[k]!;
    if (weightTargets[k] !== weightTargets[0]) hasOneTarget = false;
  }
  const onlyTarget = hasOneEach && hasOneTarget ? weightTargets[0] : undefined;
  return { weightStart, weightTarget, weight, onlyTarget };
}

/** Children mostly stand behind their parents: one pass tells then, and as many as the trees are deep at worst. */
function measureDepth(words: Int32Array, isLeaf: Uint8Array, roots: Int32Array): number {
  const levels = new Int32Array(isLeaf.length).fill(-1);
  for (const root of roots) levels[root >> 2] = 0;
  let depth = 0;
  for (let isSettled = false; !isSettled; ) {
    isSettled = true;
    for (let node = 0, at = 0; node < isLeaf.length; node++, at += WORDS) {
      const next = levels[node]! + 1;
      if (next === 0 || isLeaf[node] === 1) continue;
      const otherwise = words[at + OTHERWISE]! >> 2;
      const below = words[at + BELOW]! >> 2;
      if (levels[otherwise]! < next) {
        levels[otherwise] = next;
        if (otherwise < node) isSettled = false;
      }
      if (levels[below]! < next) {
        levels[below] = next;
        if (below < node) isSettled = false;
      }
      if (next > depth) depth = next;
    }
  }
  return depth;
}
