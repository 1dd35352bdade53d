import { InvalidInputError } from './domain-error.ts';

export type Comparator =
  | '='
  | '!='
  | '>'
  | '>='
  | '<'
  | '<='
  | 'LIKE'
  | 'ILIKE'
  | 'IN'
  | 'NOT IN'
  | 'IS NULL'
  | 'IS NOT NULL';

/** One clause of a filter; `value` is a number for unquoted numbers, strings otherwise. */
export interface Clause {
  readonly entity: string;
  readonly key: string;
  readonly comparator: Comparator;
  readonly value: string | number | readonly string[] | undefined;
}

interface Token {
  readonly kind: 'word' | 'identifier' | 'string' | 'number' | 'operator' | 'list';
  readonly text: string;
  readonly list?: readonly string[];
}

const TOKEN =
  /\s*(?:(?<list>\((?:\s*(?:'[^']*'|"[^"]*")\s*,?)+\))|(?<string>'[^']*'|"[^"]*"(?!\s*(?:=|!|<|>|like|ilike|in|not|is)))|(?<identifier>(?:[A-Za-z_]+\.)?(?:`[^`]+`|"[^"]+"))|(?<number>[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?(?![\w.]))|(?<operator><=|>=|!=|=|<|>)|(?<word>[\w./:-]+))/iy;

/** Parses MLflow's filter: clauses joined by AND, no OR, no parentheses (mlflow.md 2.0). */
export function parseFilter(filter: string | undefined): Clause[] {
  if (filter === undefined || filter.trim() === '') return [];
  const tokens = tokenize(filter);
  const clauses: Clause[] = [];
  for (let position = 0; position < tokens.length; ) {
    const [clause, next] = readClause(tokens, position, filter);
    clauses.push(clause);
    position = next;
    if (position === tokens.length) break;
    if (tokens[position]?.text.toUpperCase() !== 'AND' || position + 1 === tokens.length)
      throw invalidFilter(filter);
    position += 1;
  }
  return clauses;
}

function tokenize(filter: string): Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  while (filter.slice(TOKEN.lastIndex).trim() !== '') {
    const groups = TOKEN.exec(filter)?.groups;
    const found = Object.entries(groups ?? {}).find(([, text]) => text !== undefined);
    if (found === undefined) throw invalidFilter(filter);
    const [kind, text] = found as [Token['kind'], string];
    tokens.push(kind === 'list' ? { kind, text, list: readList(text) } : { kind, text });
  }
  return tokens;
}

function readList(text: string): string[] {
  return [...text.matchAll(/'([^']*)'|"([^"]*)"/g)].map(([, single, double]) => single ?? double ?? '');
}

function readClause(tokens: readonly Token[], start: number, filter: string): [Clause, number] {
  const identifier = tokens[start];
  if (identifier === undefined || (identifier.kind !== 'word' && identifier.kind !== 'identifier'))
    throw invalidFilter(filter);
  const [comparator, valueAt] = readComparator(tokens, start + 1, filter);
  const name = splitIdentifier(identifier.text);
  if (comparator === 'IS NULL' || comparator === 'IS NOT NULL')
    return [{ ...name, comparator, value: undefined }, valueAt];
  const token = tokens[valueAt];
  if (token === undefined) throw invalidFilter(filter);
  return [{ ...name, comparator, value: readValue(token, comparator, filter) }, valueAt + 1];
}

function readComparator(tokens: readonly Token[], position: number, filter: string): [Comparator, number] {
  const words = [0, 1, 2].map((offset) => tokens[position + offset]?.text.toUpperCase() ?? '');
  const [first = '', second = '', third = ''] = words;
  if (first === 'IS' && second === 'NOT' && third === 'NULL') return ['IS NOT NULL', position + 3];
  if (first === 'IS' && second === 'NULL') return ['IS NULL', position + 2];
  if (first === 'NOT' && second === 'IN') return ['NOT IN', position + 2];
  if (tokens[position]?.kind === 'operator') return [first as Comparator, position + 1];
  if (first === 'LIKE' || first === 'ILIKE' || first === 'IN') return [first, position + 1];
  throw invalidFilter(filter);
}

/** Split at the first dot; without one it is an attribute. */
function splitIdentifier(text: string): { entity: string; key: string } {
  const dot = /^([A-Za-z_]+)\.(.+)$/s.exec(text);
  const key = (dot?.[2] ?? text).replace(/^(["`])(.*)\1$/s, '$2');
  return { entity: dot?.[1]?.toLowerCase() ?? 'attribute', key };
}

function readValue(
  token: Token,
  comparator: Comparator,
  filter: string,
): string | number | readonly string[] {
  if (comparator === 'IN' || comparator === 'NOT IN') {
    if (token.list === undefined) throw invalidFilter(filter);
    return token.list;
  }
  if (token.kind === 'number') return Number(token.text);
  if (token.kind === 'string' || token.kind === 'identifier') return token.text.slice(1, -1);
  throw new InvalidInputError(
    `Value '${token.text}' is either not quoted or unidentified quote types used for string value in filter '${filter}'.`,
  );
}

function invalidFilter(filter: string): InvalidInputError {
  return new InvalidInputError(`Invalid clause(s) in filter string: '${filter}'.`);
}

/** SQL's LIKE as an anchored pattern: `%` any run, `_` one character. */
export function toLikePattern(pattern: string, ignoreCase: boolean): RegExp {
  const escaped = pattern
    .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
    .replaceAll('%', '.*')
    .replaceAll('_', '.');
  return new RegExp(`^${escaped}$`, ignoreCase ? 'is' : 's');
}
