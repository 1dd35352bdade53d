import { NumberList, readNumberList } from './number-list.ts';

/** Below this JSON.parse is done before the list is found. */
const MIN_CHARACTERS = 4096;
/** Stands for the list while the rest of the body is parsed. */
const PLACEHOLDER = '\u0000numbers';
const DATA_KEY = /(?<!\\)"data"\s*:\s*(?=\[)/g;

/**
 * Parses a large body whose bulk is one list of numbers, which a matrix of 32-bit floats takes: the `data` of a
 * `dataframe_split` or of an Open Inference tensor. There a NumberList stands for it.
 *
 * @returns undefined when the body is of another kind and has to be parsed as a whole
 */
export function parseMatrixBody(text: string): Record<string, unknown> | undefined {
  if (text.length < MIN_CHARACTERS) return undefined;
  DATA_KEY.lastIndex = 0;
  if (!DATA_KEY.test(text)) return undefined;
  const start = DATA_KEY.lastIndex;
  const read = readNumberList(text, start);
  if (read === undefined) return undefined;
  const body = parseRest(text.slice(0, start) + JSON.stringify(PLACEHOLDER) + text.slice(read.end));
  return body !== undefined && placeList(body, read.list) ? body : undefined;
}

function parseRest(text: string): Record<string, unknown> | undefined {
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : undefined;
  } catch {
    // The whole body is parsed again and refused with the right position.
    return undefined;
  }
}

function placeList({ dataframe_split: split, inputs }: Record<string, unknown>, list: NumberList): boolean {
  const holder = (split ?? (Array.isArray(inputs) ? inputs[0] : undefined)) as
    | { data?: unknown }
    | null
    | undefined;
  if (holder?.data !== PLACEHOLDER) return false;
  holder.data = list;
  return true;
}

/** A list of values, whichever way it was parsed. */
export function toPlainList(value: unknown): unknown {
  return value instanceof NumberList ? value.toArray() : value;
}
