import { InvalidInputError } from '../shared/domain-error.ts';
import { refuse } from './problems.ts';

/** Sixteen digits are where doubles stop being exact (2^53 has sixteen). */
const LONG_INTEGER = /\d{16}/;
/** Strings are matched so that a NaN inside one is left as it is. */
const STRING_OR_NON_FINITE = /"[^"\\]*(?:\\[\s\S][^"\\]*)*"|NaN|-?Infinity/g;
/** NaN is a missing value, as null is; these literals are too large for a double and become infinite. */
const AS_JSON: Readonly<Record<string, string>> = { NaN: 'null', Infinity: '1e999', '-Infinity': '-1e999' };

/**
 * Parses a request's body: JSON, and the tokens NaN, Infinity and -Infinity, which Python's clients write.
 *
 * @param exactIntegers whether integers beyond 2^53 must come out as BigInt, for models with int64 inputs.
 * @throws InvalidInputError when it is not a JSON object; the parser's words, which quote the body, are left out.
 */
export function parseJsonBody(text: string, exactIntegers: boolean): Record<string, unknown> {
  const reviver = exactIntegers && LONG_INTEGER.test(text) ? keepIntegers : undefined;
  const value = parse(text, reviver);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    refuse('', 'The body must be a JSON object');
  }
  return value as Record<string, unknown>;
}

function parse(text: string, reviver: typeof keepIntegers | undefined): unknown {
  try {
    return JSON.parse(text, reviver as (key: string, value: unknown) => unknown);
  } catch (error) {
    const replaced = replaceNonFinite(text);
    if (replaced !== text) return parse(replaced, reviver);
    const position = /position (\d+)/.exec((error as Error).message)?.[1];
    const where = position === undefined ? '' : ` (at character ${position})`;
    throw new InvalidInputError(`The body is not valid JSON${where}.`, [], { cause: error });
  }
}

function replaceNonFinite(text: string): string {
  if (!text.includes('NaN') && !text.includes('Infinity')) return text;
  return text.replace(STRING_OR_NON_FINITE, (match) => AS_JSON[match] ?? match);
}

/** JSON.parse hands a reviver the source text of primitives (ECMAScript 2026). */
function keepIntegers(_key: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value;
  const source = context?.source ?? '';
  return /^-?\d+$/.test(source) ? BigInt(source) : value;
}
