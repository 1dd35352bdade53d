import { compileLike } from './like-pattern.ts';

/** What a clause compares with; undefined for IS NULL and IS NOT NULL, which look at the key alone. */
export type Wanted = string | number | readonly string[] | undefined;

export const NUMBER_COMPARATORS = ['>', '>=', '!=', '=', '<', '<='] as const;
export const TEXT_COMPARATORS = ['!=', '=', 'LIKE', 'ILIKE'] as const;
export const LIST_COMPARATORS = ['IN', 'NOT IN'] as const;
export const NULL_COMPARATORS = ['IS NULL', 'IS NOT NULL'] as const;

/** A test of texts; numbers do not reach it. */
export function compileTextTest(comparator: string, wanted: Wanted): (value: string) => boolean {
  if (typeof wanted === 'object') {
    const listed = new Set(wanted);
    return comparator === 'IN' ? (value) => listed.has(value) : (value) => !listed.has(value);
  }
  if (comparator === '=') return (value) => value === wanted;
  if (comparator === '!=') return (value) => value !== wanted;
  return compileLike(String(wanted), comparator === 'ILIKE');
}

/** A test of numbers; every comparison with NaN is false, `!=` alone is true. */
export function compileNumberTest(comparator: string, wanted: number): (value: number) => boolean {
  switch (comparator) {
    case '=':
      return (value) => value === wanted;
    case '!=':
      return (value) => value !== wanted;
    case '>':
      return (value) => value > wanted;
    case '>=':
      return (value) => value >= wanted;
    case '<':
      return (value) => value < wanted;
    default:
      return (value) => value <= wanted;
  }
}
