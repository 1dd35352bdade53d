import type { CategoryColumn, NumericColumn } from '../table.ts';
import { createBinLookup, findBin } from './bin-lookup.ts';
import type { CategoricalProfile, NumericProfile } from './profile.ts';

/** The bin of every row, -1 where the value is missing; rows in the given order, all when it is absent. */
export function numericBinCodes(
  column: NumericColumn,
  profile: NumericProfile,
  order?: Uint32Array,
): Int32Array {
  const lookup = createBinLookup(profile.edges);
  const codes = new Int32Array(order?.length ?? column.values.length);
  for (let i = 0; i < codes.length; i++) {
    const value = column.values[order === undefined ? i : order[i]!]!;
    codes[i] = Number.isFinite(value) ? findBin(lookup, value) : -1;
  }
  return codes;
}

/** Positions in the profile's `values`, one past the last for the others, -1 where missing. */
export function categoricalBinCodes(
  column: CategoryColumn,
  profile: CategoricalProfile,
  order?: Uint32Array,
): Int32Array {
  const positions = new Map(profile.values.map(([value], position) => [value, position]));
  const byCode = column.dictionary.map((value) => positions.get(value) ?? profile.values.length);
  const codes = new Int32Array(order?.length ?? column.codes.length);
  for (let i = 0; i < codes.length; i++) {
    const code = column.codes[order === undefined ? i : order[i]!]!;
    codes[i] = code < 0 ? -1 : byCode[code]!;
  }
  return codes;
}
