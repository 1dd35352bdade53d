import { InvalidInputError } from '../../shared/domain-error.ts';
import { type CategoryColumn, type Column, getColumn, type Table } from '../../shared/table.ts';

export interface NumericFeature {
  readonly kind: 'numeric';
  readonly name: string;
}

/** A category's number is its place in `categories`; a category that is not there counts as missing. */
export interface CategoryFeature {
  readonly kind: 'category';
  readonly name: string;
  readonly categories: readonly string[];
}

export type Feature = NumericFeature | CategoryFeature;

/** Learns from the training rows how each column becomes numbers. */
export function fitFeatures(
  table: Table,
  names: readonly string[],
  target: Float64Array,
  smoothing: number,
): Feature[] {
  return names.map((name) => {
    const column = getColumn(table, name);
    if (column.kind === 'numeric') return { kind: 'numeric', name };
    return { kind: 'category', name, categories: orderCategories(column, target, smoothing) };
  });
}

/**
 * Categories by ascending mean of the target. For one split of a squared or binary loss the best division of
 * categories in two is contiguous in this order (Fisher 1958; Breiman et al. 1984, 4.2.2), so an ordinal
 * threshold loses little, and unlike a division chosen anew at each node it is a plain number when exported.
 * The overall mean is mixed in, so that a category seen a few times sits in the middle and not at an end. The
 * empty string is how a served row says missing, so it has no number.
 */
function orderCategories(column: CategoryColumn, target: Float64Array, smoothing: number): string[] {
  const counts = new Float64Array(column.dictionary.length);
  const sums = new Float64Array(column.dictionary.length);
  let total = 0;
  for (let row = 0; row < target.length; row++) {
    total += target[row]!;
    const code = column.codes[row]!;
    if (code < 0) continue;
    counts[code]! += 1;
    sums[code]! += target[row]!;
  }
  const prior = total / Math.max(1, target.length);
  const means = sums.map(
    (sum, code) => (sum + smoothing * prior) / Math.max(1e-9, counts[code]! + smoothing),
  );
  return [...column.dictionary.keys()]
    .filter((code) => counts[code]! > 0 && column.dictionary[code] !== '')
    .sort((a, b) => means[a]! - means[b]! || (column.dictionary[a]! < column.dictionary[b]! ? -1 : 1))
    .map((code) => column.dictionary[code]!);
}

/**
 * The column as the served model sees it: float32, NaN where missing or unseen.
 *
 * @throws InvalidInputError when the column is of the other kind than the feature.
 */
export function toFeatureValues(feature: Feature, column: Column): Float32Array {
  if (feature.kind === 'numeric' && column.kind === 'numeric') return Float32Array.from(column.values);
  if (feature.kind === 'category' && column.kind === 'category') {
    const numbers = new Map(feature.categories.map((category, number) => [category, number]));
    const byCode = Float32Array.from(column.dictionary, (category) => numbers.get(category) ?? Number.NaN);
    return Float32Array.from(column.codes, (code) => (code < 0 ? Number.NaN : byCode[code]!));
  }
  throw new InvalidInputError(`Column '${feature.name}' has the wrong kind.`, [
    { path: feature.name, message: `must be a ${feature.kind} column, is ${column.kind}` },
  ]);
}

/** All features of a table, see `toFeatureValues`. */
export function toColumns(features: readonly Feature[], table: Table): Float32Array[] {
  return features.map((feature) => toFeatureValues(feature, getColumn(table, feature.name)));
}
