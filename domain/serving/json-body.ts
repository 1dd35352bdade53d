import { InvalidInputError } from '../shared/domain-error.ts';
import { refuse } from './problems.ts';

/** Sixteen digits are where doubles stop being exact (2^53 has sixteen). */
const LONG_INTEGER = /\d{16}/;
const NON_FINITE_TOKEN = /[[,:\s](-?Infinity|NaN)\s*[\],}]/;

/**
 * Parses a request's body.
 *
 * @param exactIntegers whether integers beyond 2^53 must come out as BigInt, for models with int64 inputs.
 * @throws InvalidInputError when it is not a JSON object; the parser's words, which quote the body, are left out.
 */
export function parseJsonBody(text: string, exactIntegers: boolean): Record<string, unknown> {
  const value = exactIntegers && LONG_INTEGER.test(text) ? parse(text, keepIntegers) : parse(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    refuse('', 'The body must be a JSON object');
  }
  return value as Record<string, unknown>;
}

function parse(text: string, reviver?: typeof keepIntegers): unknown {
  try {
    return JSON.parse(text, reviver as (key: string, value: unknown) => unknown);
  } catch (error) {
    const token = NON_FINITE_TOKEN.exec(text)?.[1];
    if (token !== undefined) {
      refuse('', `The body is not JSON: ${token} is not a JSON value; send null for a missing number`);
    }
    const position = /position (\d+)/.exec((error as Error).message)?.[1];
    const where = position === undefined ? '' : ` (at character ${position})`;
    throw new InvalidInputError(`The body is not valid JSON${where}.`, [], { cause: error });
  }
}

/** JSON.parse hands a reviver the source text of primitives (ECMAScript 2026). */
function keepIntegers(_key: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value;
  const source = context?.source ?? '';
  return /^-?\d+$/.test(source) ? BigInt(source) : value;
}
