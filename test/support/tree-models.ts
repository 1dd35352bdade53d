import { buildOnnxModel, makeRandom, type NodeSpec } from './onnx-model.ts';

export interface TreeModelOptions {
  readonly kind: 'classifier' | 'regressor';
  readonly trees: number;
  readonly depth: number;
  readonly features: number;
  readonly seed?: number;
  /** Modes to choose from; BRANCH_LEQ when not given. */
  readonly modes?: readonly string[];
  /** Share of branches that become leaves early. */
  readonly pruned?: number;
  readonly tracksMissing?: boolean;
  /** Classes or targets. */
  readonly targets?: number;
  /** What each leaf votes for: the same target, one of them, or all. */
  readonly votes?: 'first' | 'last' | 'one' | 'all';
  readonly sign?: 'mixed' | 'positive';
  readonly attributes?: NodeSpec['attributes'];
  readonly labels?: readonly string[];
  /** Nodes around the ensemble's own input and outputs. */
  readonly around?: Partial<Parameters<typeof buildOnnxModel>[0]>;
}

/** An ensemble of random trees whose thresholds repeat, so that values meet them exactly. */
export function buildTrees(options: TreeModelOptions): Uint8Array {
  const { kind, features, targets = kind === 'classifier' ? 2 : 1, labels, around } = options;
  const isClassifier = kind === 'classifier';
  const classes = labels ?? Array.from({ length: targets }, (_, k) => BigInt(k));
  const attributes = {
    ...growTrees(options, isClassifier ? 'class' : 'target', targets),
    ...(isClassifier
      ? { [labels === undefined ? 'classlabels_int64s' : 'classlabels_strings']: classes }
      : { n_targets: BigInt(targets) }),
    ...options.attributes,
  } as NonNullable<NodeSpec['attributes']>;
  const node: NodeSpec = {
    op: isClassifier ? 'TreeEnsembleClassifier' : 'TreeEnsembleRegressor',
    domain: 'ai.onnx.ml',
    inputs: ['matrix'],
    outputs: isClassifier ? ['label', 'scores'] : ['scores'],
    attributes,
  };
  const label = { name: 'label', type: labels === undefined ? 'int64' : 'string', shape: ['N'] } as const;
  const scores = { name: 'scores', type: 'float', shape: ['N', targets] } as const;
  return buildOnnxModel({
    inputs: around?.inputs ?? [{ name: 'matrix', type: 'float', shape: ['N', features] }],
    outputs: around?.outputs ?? (isClassifier ? [label, scores] : [scores]),
    nodes: [node, ...(around?.nodes ?? [])].sort((a, b) => order(a) - order(b)),
  });
}

/** What makes the matrix has to stand before the ensemble, what reads its outputs behind it. */
function order({ op, outputs }: NodeSpec): number {
  if (op.startsWith('TreeEnsemble')) return 2;
  if (outputs.includes('matrix')) return 1;
  return outputs.some((name) => name.startsWith('part')) ? 0 : 3;
}

function growTrees(options: TreeModelOptions, prefix: 'class' | 'target', targets: number) {
  const { trees, depth, features, modes = ['BRANCH_LEQ'], pruned = 0, votes = 'first' } = options;
  const random = makeRandom(options.seed ?? 1);
  const pick = (count: number) => Math.floor(random() * count);
  const nodes = { tree: [], id: [], feature: [], yes: [], no: [], missing: [] } as Record<string, bigint[]>;
  const mode: string[] = [];
  const value: number[] = [];
  const leaf = { tree: [] as bigint[], id: [] as bigint[], target: [] as bigint[], weight: [] as number[] };
  for (let tree = 0; tree < trees; tree++) {
    let next = 1;
    const queue = [{ id: 0, level: 0 }];
    for (const { id, level } of queue) {
      const isLeaf = level === depth || (level > 0 && random() < pruned);
      nodes.tree!.push(BigInt(tree));
      nodes.id!.push(BigInt(id));
      nodes.feature!.push(BigInt(isLeaf ? 0 : pick(features)));
      mode.push(isLeaf ? 'LEAF' : modes[pick(modes.length)]!);
      value.push(isLeaf ? 0 : Math.round(random() * 40 - 20) / 4);
      nodes.yes!.push(BigInt(isLeaf ? 0 : next));
      nodes.no!.push(BigInt(isLeaf ? 0 : next + 1));
      nodes.missing!.push(options.tracksMissing && random() < 0.5 ? 1n : 0n);
      if (!isLeaf) {
        queue.push({ id: next, level: level + 1 }, { id: next + 1, level: level + 1 });
        next += 2;
        continue;
      }
      const one = votes === 'one' ? pick(targets) : votes === 'last' ? targets - 1 : 0;
      const voted = votes === 'all' ? Array.from({ length: targets }, (_, k) => k) : [one];
      for (const target of voted) {
        leaf.tree.push(BigInt(tree));
        leaf.id.push(BigInt(id));
        leaf.target.push(BigInt(target));
        leaf.weight.push(options.sign === 'positive' ? random() / trees : random() - 0.5);
      }
    }
  }
  return {
    nodes_treeids: nodes.tree!,
    nodes_nodeids: nodes.id!,
    nodes_featureids: nodes.feature!,
    nodes_modes: mode,
    nodes_values: value,
    nodes_truenodeids: nodes.yes!,
    nodes_falsenodeids: nodes.no!,
    nodes_missing_value_tracks_true: nodes.missing!,
    [`${prefix}_treeids`]: leaf.tree,
    [`${prefix}_nodeids`]: leaf.id,
    [`${prefix}_ids`]: leaf.target,
    [`${prefix}_weights`]: leaf.weight,
  };
}
