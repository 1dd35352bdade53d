import type { CategoryColumn } from '../table.ts';
import { type CategoricalProfile, MAX_CATEGORIES } from './profile.ts';

/** Describes a categorical column: its most frequent values by name, the others together. */
export function buildCategoricalProfile(name: string, column: CategoryColumn): CategoricalProfile {
  const counts = countCodes(column);
  const ranked = column.dictionary
    .map((value, code) => [value, counts[code]!] as const)
    .filter(([, count]) => count > 0)
    .sort(byCountThenName);
  const rest = ranked.slice(MAX_CATEGORIES);
  const present = ranked.reduce((sum, [, count]) => sum + count, 0);
  return {
    kind: 'categorical',
    name,
    rows: column.codes.length,
    missing: column.codes.length - present,
    values: ranked.slice(0, MAX_CATEGORIES),
    other: rest.reduce((sum, [, count]) => sum + count, 0),
    otherDistinct: rest.length,
    singletons: ranked.filter(([, count]) => count === 1).length,
  };
}

function countCodes(column: CategoryColumn): Uint32Array {
  const counts = new Uint32Array(column.dictionary.length);
  for (const code of column.codes) if (code >= 0) counts[code]! += 1;
  return counts;
}

function byCountThenName(a: readonly [string, number], b: readonly [string, number]): number {
  return b[1] - a[1] || (a[0] < b[0] ? -1 : 1);
}
