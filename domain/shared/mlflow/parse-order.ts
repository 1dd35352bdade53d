import { InvalidInputError } from '../domain-error.ts';
import { groupFilter } from './group-filter.ts';
import { lexFilter } from './lex-filter.ts';
import { splitStatements } from './read-clauses.ts';

export interface OrderClause {
  /** The field as written: `metrics.loss`, `` tags.`a b` ``. */
  readonly field: string;
  readonly descending: boolean;
}

const DIRECTIONS = ['asc', 'desc'];

/** Reads `field`, `field ASC` or `field DESC`; spaces around it are refused. @throws InvalidInputError */
export function parseOrder(clause: string): OrderClause {
  const identifier = readIdentifier(clause);
  const [field = '', direction, ...more] = splitWords(identifier, clause);
  if (more.length > 0) throw unreadable(clause);
  if (direction === undefined) return { field: identifier.trim(), descending: false };
  if (!DIRECTIONS.includes(direction.toLowerCase()))
    throw new InvalidInputError(`Invalid ordering key in order_by clause '${clause}'.`);
  return { field: field.trim(), descending: direction.toLowerCase() === 'desc' };
}

function readIdentifier(clause: string): string {
  const statements = splitStatements(lexFilter(clause));
  const nodes = groupFilter(statements[0] ?? []);
  const [first] = nodes;
  if (statements.length !== 1 || first === undefined) throw unreadable(clause);
  if (nodes.length === 1 && first.kind === 'identifier') return first.text;
  // A word of SQL, and still the name of a field of registered models.
  const isTimestamp = first.kind === 'keyword' && first.text === 'timestamp';
  if (isTimestamp && nodes.length === 1) return first.text;
  const last = nodes.at(-1);
  const isSpaced = nodes.slice(1, -1).every(({ kind }) => kind === 'space');
  if (isTimestamp && isSpaced && last?.kind === 'order') return `${first.text} ${last.text}`;
  throw unreadable(clause);
}

/** The words of a clause as a shell sees them: spaces within quotes or backticks do not part them. */
function splitWords(identifier: string, clause: string): string[] {
  const words: string[] = [];
  let isWord = false;
  for (const [piece, space, double, single, escaped] of identifier
    .replaceAll('`', '"')
    .matchAll(/(\s+)|"((?:\\.|[^"\\])*)"|'([^']*)'|\\(.)|./gsu)) {
    if (space === undefined && (piece === '"' || piece === "'" || piece === '\\')) throw unreadable(clause);
    if (space === undefined) {
      const text = double?.replace(/\\(["\\])/g, '$1') ?? single ?? escaped ?? piece;
      if (isWord) words.push((words.pop() ?? '') + text);
      else words.push(text);
    }
    isWord = space === undefined;
  }
  return words;
}

function unreadable(clause: string): InvalidInputError {
  return new InvalidInputError(`Invalid order_by clause '${clause}'. Could not be parsed.`);
}
