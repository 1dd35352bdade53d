import { InvalidInputError } from '../domain-error.ts';
import { type FilterNode, groupFilter } from './group-filter.ts';
import { lexFilter, type Token } from './lex-filter.ts';
import { toPythonText } from './python-text.ts';

/** One comparison of a filter; `value` is absent for IS NULL and IS NOT NULL. */
export interface RawClause {
  readonly identifier: string;
  /** As written: `like` stays in lower case. */
  readonly comparator: string;
  readonly value?: FilterNode | undefined;
}

/** The SQL parser of MLflow gives up beyond it. */
const MAX_TOKENS = 10_000;

/**
 * The comparisons of a filter, whatever they are about, each as `parse` makes of it: joined by AND, which may
 * also be left out, doubled or at an end; no OR, no parentheses, no comments, no semicolon.
 * @throws InvalidInputError
 */
export function readClauses<T>(
  filter: string | undefined,
  parse: (clause: RawClause) => T,
  { quotesInvalid = false } = {},
): T[] {
  if (filter === undefined || filter === '') return [];
  const nodes = groupClauses(readStatement(filter));
  const invalid = nodes.filter((node) => !isClause(node) && !isAnd(node));
  if (invalid.length > 0) {
    const named = invalid.map(({ text }) => (quotesInvalid ? `'${text}'` : text)).join(', ');
    throw new InvalidInputError(`Invalid clause(s) in filter string: ${named}`);
  }
  return nodes.filter(isClause).map((node) => parse(readClause(node)));
}

/** The clauses of a statement and what stands between them, without the spaces. */
export function groupClauses(statement: readonly Token[]): FilterNode[] {
  return joinKeywords(groupFilter(statement));
}

function isClause({ kind }: FilterNode): boolean {
  return kind === 'clause';
}

function isAnd(node: FilterNode): boolean {
  return isKeyword(node, 'AND');
}

function isKeyword(node: FilterNode | undefined, text: string): boolean {
  return node?.kind === 'keyword' && node.text.toUpperCase() === text;
}

/** The tokens of the one statement that a filter may be. */
export function readStatement(filter: string): Token[] {
  const tokens = lexFilter(filter);
  if (tokens.length > MAX_TOKENS) throw new InvalidInputError(`Error on parsing filter '${filter}'`);
  const statements = splitStatements(tokens);
  if (statements.length === 1) return statements[0] as Token[];
  throw new InvalidInputError(
    statements.length === 0
      ? `Invalid filter '${filter}'. Could not be parsed.`
      : `Search filter contained multiple expression ${toPythonText(filter)}. Provide AND-ed expression list.`,
  );
}

/** Splits behind each semicolon; what is only spaces is no statement. */
export function splitStatements(tokens: readonly Token[]): Token[][] {
  const statements: Token[][] = [[]];
  let depth = 0;
  for (const token of tokens) {
    statements.at(-1)?.push(token);
    if (token.text === '(') depth += 1;
    if (token.text === ')') depth -= 1;
    if (token.text === ';' && depth <= 0) {
      statements.push([]);
      depth = 0;
    }
  }
  return statements.filter((statement) => statement.some(({ kind }) => kind !== 'space'));
}

/** Makes clauses of `x IN (…)`, `x NOT IN (…)`, `x IS NULL` and `x IS NOT NULL`, and drops the spaces. */
function joinKeywords(nodes: readonly FilterNode[]): FilterNode[] {
  const solid = nodes.filter(({ kind }) => kind !== 'space');
  const joined: FilterNode[] = [];
  for (let at = 0; at < solid.length; ) {
    const [clause, taken] = readKeywordClause(solid.slice(at, at + 4));
    joined.push(...clause);
    at += taken;
  }
  return joined;
}

function readKeywordClause(nodes: readonly FilterNode[]): [readonly FilterNode[], number] {
  const [first, second, third, fourth] = nodes as [FilterNode, ...(FilterNode | undefined)[]];
  if (first.kind !== 'identifier' || third === undefined) return [[first], 1];
  if (isKeyword(second, 'IN') && third.kind === 'parenthesis') return [[clause(nodes.slice(0, 3))], 3];
  if (isKeyword(second, 'IS') && isKeyword(third, 'NULL')) return [[clause([first, word('IS NULL')])], 3];
  if (isKeyword(second, 'IS') && isKeyword(third, 'NOT NULL'))
    return [[clause([first, word('IS NOT NULL')])], 3];
  if (isKeyword(second, 'NOT') && isKeyword(third, 'IN') && fourth?.kind === 'parenthesis')
    return [[clause([first, word('NOT IN'), fourth])], 4];
  return [nodes, nodes.length];
}

function word(text: string): FilterNode {
  return { kind: 'keyword', text };
}

function clause(parts: readonly FilterNode[]): FilterNode {
  return { kind: 'clause', text: parts.map(({ text }) => text).join(''), parts };
}

function readClause({ parts = [] }: FilterNode): RawClause {
  const [identifier, comparator, value] = parts.filter(({ kind }) => kind !== 'space');
  if (identifier?.kind !== 'identifier') {
    throw new InvalidInputError(
      `Invalid comparison clause. Expected 'Identifier' found '${identifier?.text ?? ''}'`,
    );
  }
  return { identifier: identifier.text, comparator: comparator?.text ?? '', value };
}
