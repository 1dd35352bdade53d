import type { ModelGraph } from '../ports.ts';
import { type FeatureSource, matchFeatures } from './feature-sources.ts';
import type { ScoreRules } from './finish-scores.ts';
import { type FlatTrees, flattenTrees } from './flat-trees.ts';
import type { GraphNode, NodeAttribute, PlainGraph } from './graph.ts';

/** A graph that is an ensemble of trees, ready to be answered without onnxruntime. */
export interface TreeEnsemble {
  readonly trees: FlatTrees;
  readonly rules: ScoreRules;
  /** Labels of text; undefined when they are integers. */
  readonly texts: readonly string[] | undefined;
  readonly sources: readonly FeatureSource[];
  /** Outputs of the graph that are tensors, and what of the ensemble they are. */
  readonly outputs: readonly { readonly name: string; readonly part: 'label' | 'scores' }[];
}

const OPERATORS = new Map<string, ScoreRules['kind']>([
  ['TreeEnsembleClassifier', 'classifier'],
  ['TreeEnsembleRegressor', 'regressor'],
]);
const NONE = new Float64Array();
const TRANSFORMS: ReadonlySet<string> = new Set(['NONE', 'LOGISTIC', 'SOFTMAX', 'SOFTMAX_ZERO']);
const AGGREGATES: ReadonlySet<string> = new Set(['SUM', 'AVERAGE']);
/** ONNX's numbers of the element types that Cast may name. */
const FLOAT = 1;
const INT64 = 7;
const STRING = 8;

/** Finds the one ensemble of a graph; undefined when something around it is not known. */
export function matchTreeEnsemble(graph: PlainGraph, declared: ModelGraph): TreeEnsemble | undefined {
  const ensembles = graph.nodes.filter(({ op, domain }) => domain === 'ai.onnx.ml' && OPERATORS.has(op));
  const [node] = ensembles;
  if (node === undefined || ensembles.length !== 1) return undefined;
  if ([...node.attributes.values()].some(({ isOther }) => isOther)) return undefined;
  const rules = readRules(node);
  const trees = rules === undefined ? undefined : readTrees(node, rules.kind);
  if (rules === undefined || trees === undefined) return undefined;
  if (trees.weightTarget.some((target) => target < 0 || target >= rules.targets)) return undefined;
  const features = matchFeatures(node.inputs[0]!, graph.nodes, declared);
  const texts = node.attributes.get('classlabels_strings')?.texts;
  const outputs = matchOutputs(node, graph, declared, texts !== undefined && texts.length > 0);
  if (features === undefined || outputs === undefined || features.width < trees.features) return undefined;
  return {
    trees: { ...trees, features: features.width },
    rules: { ...rules, trees: trees.roots.length },
    texts: texts !== undefined && texts.length > 0 ? texts : undefined,
    sources: features.sources,
    outputs,
  };
}

function readRules(node: GraphNode): ScoreRules | undefined {
  const kind = OPERATORS.get(node.op)!;
  const get = (name: string) => node.attributes.get(name);
  const transform = get('post_transform')?.text ?? 'NONE';
  const aggregate = get('aggregate_function')?.text ?? 'SUM';
  if (!TRANSFORMS.has(transform) || !AGGREGATES.has(aggregate)) return undefined;
  const texts = get('classlabels_strings')?.texts ?? [];
  const labels =
    texts.length > 0 ? texts.map((_, k) => k) : Array.from(get('classlabels_int64s')?.ints ?? []);
  const targets = kind === 'classifier' ? labels.length : (get('n_targets')?.int ?? 1);
  // A classifier of one class answers by rules of its own, and is nobody's.
  if (targets < (kind === 'classifier' ? 2 : 1) || !labels.every(Number.isSafeInteger)) return undefined;
  const weights = get(kind === 'classifier' ? 'class_weights' : 'target_weights')?.floats ?? NONE;
  const voted = new Set(get('class_ids')?.ints);
  return {
    ...{ kind, targets, labels, trees: 0 },
    aggregate: aggregate as ScoreRules['aggregate'],
    transform: transform as ScoreRules['transform'],
    baseValues: Float32Array.from(get('base_values')?.floats ?? []),
    isBinary: kind === 'classifier' && targets === 2 && voted.size === 1,
    hasNegative: weights.some((weight) => weight < 0),
  };
}

function readTrees({ attributes }: GraphNode, kind: ScoreRules['kind']): FlatTrees | undefined {
  const prefix = kind === 'classifier' ? 'class' : 'target';
  const list = (name: string, field: 'ints' | 'floats' = 'ints') => attributes.get(name)?.[field] ?? NONE;
  const lists = {
    treeIds: list('nodes_treeids'),
    nodeIds: list('nodes_nodeids'),
    featureIds: list('nodes_featureids'),
    modes: attributes.get('nodes_modes')?.texts ?? [],
    values: list('nodes_values', 'floats'),
    trueIds: list('nodes_truenodeids'),
    falseIds: list('nodes_falsenodeids'),
    missingTrue: list('nodes_missing_value_tracks_true'),
    weightTreeIds: list(`${prefix}_treeids`),
    weightNodeIds: list(`${prefix}_nodeids`),
    weightTargets: list(`${prefix}_ids`),
    weights: list(`${prefix}_weights`, 'floats'),
  };
  const { treeIds, nodeIds, featureIds, modes, values, trueIds, falseIds, missingTrue } = lists;
  const perNode = [nodeIds, featureIds, modes, values, trueIds, falseIds];
  const perWeight = [lists.weightTreeIds, lists.weightNodeIds, lists.weightTargets];
  const isEven =
    perNode.every(({ length }) => length === treeIds.length) &&
    perWeight.every(({ length }) => length === lists.weights.length) &&
    (missingTrue.length === 0 || missingTrue.length === treeIds.length);
  return isEven ? flattenTrees(lists) : undefined;
}

function matchOutputs(
  node: GraphNode,
  graph: PlainGraph,
  declared: ModelGraph,
  hasTexts: boolean,
): TreeEnsemble['outputs'] | undefined {
  const isClassifier = OPERATORS.get(node.op) === 'classifier';
  const labelType = hasTexts ? STRING : INT64;
  const tensors = new Set(declared.outputs.filter(({ isTensor }) => isTensor).map(({ name }) => name));
  const outputs: { name: string; part: 'label' | 'scores' }[] = [];
  for (const name of graph.outputs) {
    // What is no tensor is not answered anyway.
    if (!tensors.has(name)) continue;
    const source = followBack(name, graph.nodes, node);
    const index = source === undefined ? -1 : node.outputs.indexOf(source.name);
    if (index === -1) return undefined;
    const part = isClassifier && index === 0 ? 'label' : 'scores';
    const type = part === 'label' ? labelType : FLOAT;
    if (source!.casts.some((cast) => cast !== type)) return undefined;
    outputs.push({ name, part });
  }
  return outputs.length > 0 ? outputs : undefined;
}

/** From an output back to the ensemble, through nodes that leave values as they are. */
function followBack(output: string, nodes: readonly GraphNode[], until: GraphNode) {
  const casts: number[] = [];
  let name = output;
  for (let steps = 0; steps <= nodes.length; steps++) {
    const maker = nodes.find(({ outputs }) => outputs.includes(name));
    if (maker === until) return { name, casts };
    if (maker === undefined || !isPassThrough(maker, casts)) return undefined;
    name = maker.inputs[0]!;
  }
  return undefined;
}

function isPassThrough({ op, attributes }: GraphNode, casts: number[]): boolean {
  if (op === 'Cast') casts.push(readInt(attributes.get('to')));
  return op === 'Cast' || op === 'Identity';
}

function readInt(attribute: NodeAttribute | undefined): number {
  return attribute?.int ?? 0;
}
