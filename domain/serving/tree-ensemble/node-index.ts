/** Where the nodes of each tree are in the operator's lists. */
export class NodeIndex {
  /** First node of each tree, which is its root. */
  readonly roots: readonly number[];
  /** Whether ids count from 0 in each tree. */
  readonly isCounted: boolean;
  private readonly starts: ReadonlyMap<number, number>;
  /** Only for ids that do not count from 0 in each tree. */
  private readonly places: ReadonlyMap<string, number> | undefined;

  private lastTree = Number.NaN;
  private lastStart = Number.NaN;

  private constructor(starts: ReadonlyMap<number, number>, places: ReadonlyMap<string, number> | undefined) {
    this.roots = [...starts.values()];
    this.starts = starts;
    this.places = places;
    this.isCounted = places === undefined;
  }

  /** Undefined when nodes of one tree are apart from each other, or two have one id. */
  static of(treeIds: ArrayLike<number>, nodeIds: ArrayLike<number>): NodeIndex | undefined {
    const starts = new Map<number, number>();
    let tree = Number.NaN;
    let start = 0;
    let isCounted = true;
    for (let node = 0; node < treeIds.length; node++) {
      if (treeIds[node] !== tree) {
        tree = treeIds[node]!;
        start = node;
        if (starts.has(tree)) return undefined;
        starts.set(tree, node);
      }
      if (nodeIds[node] !== node - start) isCounted = false;
    }
    if (isCounted) return new NodeIndex(starts, undefined);
    const places = new Map(
      Array.from(nodeIds, (id, node): [string, number] => [`${treeIds[node]}/${id}`, node]),
    );
    return places.size === nodeIds.length ? new NodeIndex(starts, places) : undefined;
  }

  /** The node's place; whether it is in that tree is for the caller to see. */
  find(tree: number, id: number): number {
    if (this.places !== undefined) return this.places.get(`${tree}/${id}`) ?? -1;
    if (tree !== this.lastTree) {
      this.lastTree = tree;
      this.lastStart = this.starts.get(tree) ?? Number.NaN;
    }
    return this.lastStart + id;
  }
}
