import { InvalidInputError } from '../../shared/domain-error.ts';
import { makeRandom, type Random, sampleAscending } from '../random.ts';
import { type BinnedRows, binRows, findAllEdges } from './binned-rows.ts';
import { fitFeatures, toColumns } from './feature.ts';
import type { SplitRules } from './find-split.ts';
import { allocateGradients, type Gradients, quantizeGradients } from './gradients.ts';
import { type GrownTree, growTree } from './grow-tree.ts';
import { HistogramPool } from './histogram.ts';
import type { GbdtModel, Objective } from './model.ts';
import { LOSSES, type Loss } from './objective.ts';
import { type GbdtOptions, resolveGbdtOptions } from './options.ts';
import { addBinnedTree, type BinnedTree } from './tree-builder.ts';
import { type LabelledRows, type Watched, watchValidation } from './watch-validation.ts';

export interface TrainingInput {
  readonly objective: Objective;
  readonly features: readonly string[];
  readonly training: LabelledRows;
  /** Rows that early stopping watches; needed only for it. */
  readonly validation?: LabelledRows;
  readonly options?: Partial<GbdtOptions>;
}

/**
 * Fits gradient-boosted trees. The same input gives the same model, bit for bit.
 *
 * @throws InvalidInputError for unusable options, columns or targets.
 */
export function trainGbdt(input: TrainingInput): GbdtModel {
  const options = resolveGbdtOptions(input.options);
  const loss = LOSSES[input.objective];
  const { table, target } = input.training;
  if (target.length !== table.rows) throw new InvalidInputError('The target needs one number for each row.');
  if (input.features.length === 0) throw new InvalidInputError('Training needs at least one feature.');
  loss.check(target);
  const features = fitFeatures(table, input.features, target, options.categorySmoothing);
  const columns = toColumns(features, table);
  const edges = findAllEdges(columns, options.maxBins);
  const binned = binRows(columns, edges, table.rows);
  const baseScore = loss.baseScore(target);
  const watched = watchValidation(input.validation, features, edges, baseScore, loss, options);
  const grown = boost({ binned, edges, target, loss, options, baseScore, watched });
  return { objective: input.objective, features, baseScore, ...grown };
}

interface BoostInput {
  readonly binned: BinnedRows;
  readonly edges: readonly Float32Array[];
  readonly target: Float64Array;
  readonly loss: Loss;
  readonly options: GbdtOptions;
  readonly baseScore: number;
  readonly watched: Watched | undefined;
}

function boost(input: BoostInput): Pick<GbdtModel, 'trees' | 'validationLoss' | 'importance'> {
  const { binned, edges, target, loss, options, watched } = input;
  const random = makeRandom(options.seed);
  const gradients = allocateGradients(binned.rows);
  const pool = new HistogramPool(binned.wordsPerRow);
  const scores = new Float64Array(binned.rows).fill(input.baseScore);
  const order = new Uint32Array(Math.max(1, Math.round(options.rowFraction * binned.rows)));
  const scratch = new Uint32Array(order.length);
  const allowed = new Uint8Array(binned.features);
  const binCounts = Uint16Array.from(edges, (edge) => edge.length + 1);
  const gains: GrownTree['gains'][] = [];
  const trees: BinnedTree[] = [];
  for (let round = 0; round < options.rounds; round++) {
    loss.derive(scores, target, gradients.first, gradients.second);
    quantizeGradients(gradients);
    sampleAscending(random, binned.rows, order.length, order);
    sampleFeatures(random, options.columnFraction, allowed);
    const rules = scaleRules(options, gradients, binCounts, allowed);
    const grown = growTree({ binned, edges, gradients, order, scratch, pool, rules, settings: options });
    if (grown.leaves.length === 1 && options.columnFraction === 1 && options.rowFraction === 1) break;
    trees.push(grown.tree);
    gains.push(grown.gains);
    addScores(grown, order, binned, scores);
    if (watched?.addTree(grown.tree, trees.length) === 'stop') break;
  }
  const kept = watched?.bestRounds() ?? trees.length;
  return {
    trees: trees.slice(0, kept),
    validationLoss: watched?.bestLoss() ?? null,
    importance: shareGains(gains.slice(0, kept), binned.features),
  };
}

/** Options in the units of this round's quantized gradients. */
function scaleRules(
  options: GbdtOptions,
  gradients: Gradients,
  binCounts: Uint16Array,
  allowed: Uint8Array,
): SplitRules {
  const { firstScale, secondScale, countUnit } = gradients;
  return {
    binCounts,
    allowed,
    countUnit,
    minSamples: options.minChildSamples,
    minWeight: Math.max(options.minChildWeight * secondScale, Number.MIN_VALUE),
    l2: options.l2 * secondScale,
    minGain: (options.minGain * firstScale ** 2) / secondScale,
  };
}

function sampleFeatures(random: Random, fraction: number, allowed: Uint8Array): void {
  const chosen = new Uint32Array(Math.max(1, Math.round(fraction * allowed.length)));
  sampleAscending(random, allowed.length, chosen.length, chosen);
  allowed.fill(0);
  for (const feature of chosen) allowed[feature] = 1;
}

/** Rows that the tree saw lie leaf by leaf already; the others have to walk through it. */
function addScores(grown: GrownTree, order: Uint32Array, binned: BinnedRows, scores: Float64Array): void {
  if (order.length < scores.length) {
    addBinnedTree(grown.tree, binned, scores);
    return;
  }
  for (const leaf of grown.leaves) {
    const value = grown.tree.value[leaf.node]!;
    for (let i = leaf.start; i < leaf.end; i++) scores[order[i]!]! += value;
  }
}

function shareGains(rounds: readonly GrownTree['gains'][], features: number): number[] {
  const sums = new Array<number>(features).fill(0);
  for (const { feature, gain } of rounds.flat()) sums[feature]! += gain;
  const total = sums.reduce((sum, gain) => sum + gain, 0);
  return sums.map((gain) => (total > 0 ? gain / total : 0));
}
