import type { Token, TokenKind } from './lex-filter.ts';

export type NodeKind =
  | TokenKind
  | 'identifier'
  | 'function'
  | 'parenthesis'
  | 'brackets'
  | 'operation'
  | 'clause'
  | 'list';

/** A token, or what grouping made of several: a dotted identifier, a clause with its comparator … */
export interface FilterNode {
  readonly kind: NodeKind;
  readonly text: string;
  /** What a group is made of, spaces included. */
  readonly parts?: readonly FilterNode[];
}

interface Joint {
  readonly kind: NodeKind;
  readonly isMiddle: (node: FilterNode) => boolean;
  readonly canPrecede: (node: FilterNode) => boolean;
  /** Whether the group is made at all with this neighbour (undefined at the end of the text). */
  readonly canFollow: (node: FilterNode | undefined) => boolean;
  /** Whether the neighbour becomes part of the group; without it the group ends with its middle. */
  readonly takesNext?: (node: FilterNode | undefined) => boolean;
}

const isOneOf =
  (...kinds: readonly NodeKind[]) =>
  (node: FilterNode | undefined): boolean =>
    node !== undefined && kinds.includes(node.kind);
const isText =
  (kind: NodeKind, ...texts: readonly string[]) =>
  (node: FilterNode): boolean =>
    node.kind === kind && texts.includes(node.text.toUpperCase());

const LITERALS = ['integer', 'float', 'string', 'symbol', 'name', 'placeholder'] as const;
const OPERANDS = ['parenthesis', 'function', 'identifier', 'operation'] as const;
const always = () => true;
const isNull = isText('keyword', 'NULL');
const isComparable = (node: FilterNode | undefined): boolean =>
  isOneOf(...OPERANDS, ...LITERALS)(node) || (node !== undefined && isNull(node));
const isIndexable = isOneOf('brackets', 'identifier', 'function', 'name', 'symbol');
const isListed = isOneOf(
  'function',
  'identifier',
  'clause',
  'list',
  'operation',
  ...LITERALS,
  'keyword',
  'wildcard',
);

/** `a.b`, `a->b`: what stands behind the dot may be quoted in any way, a call, brackets or `*`. */
const PERIODS: Joint = {
  kind: 'identifier',
  isMiddle: (node) => isText('punctuation', '.')(node) || isText('operator', '->', '->>')(node),
  canPrecede: isOneOf('brackets', 'identifier', 'name', 'symbol'),
  canFollow: always,
  takesNext: isOneOf('brackets', 'function', 'name', 'symbol', 'wildcard', 'string'),
};
const CASTS: Joint = {
  kind: 'identifier',
  isMiddle: isText('punctuation', '::'),
  canPrecede: always,
  canFollow: (node) => node !== undefined,
};
const OPERATIONS: Joint = {
  kind: 'operation',
  isMiddle: isOneOf('operator', 'wildcard'),
  canPrecede: isOneOf(...OPERANDS, 'brackets', ...LITERALS),
  canFollow: isOneOf(...OPERANDS, 'brackets', ...LITERALS),
};
const CLAUSES: Joint = {
  kind: 'clause',
  isMiddle: isOneOf('comparison'),
  canPrecede: isComparable,
  canFollow: isComparable,
};
const ALIASES: Joint = {
  kind: 'identifier',
  isMiddle: isText('keyword', 'AS'),
  canPrecede: (node) => isNull(node) || node.kind !== 'keyword',
  canFollow: (node) => node !== undefined,
};
const LISTS: Joint = {
  kind: 'list',
  isMiddle: isText('punctuation', ','),
  canPrecede: isListed,
  canFollow: isListed,
};

/**
 * Groups tokens as MLflow's SQL parser does, pass after pass: brackets, calls, dotted names, arithmetic,
 * comparisons, aliases. Following it pass by pass is the only way to accept what MLflow accepts, such as
 * clauses without AND between them, and to name the same part as wrong.
 */
export function groupFilter(tokens: readonly Token[]): FilterNode[] {
  let nodes: FilterNode[] = enclose(tokens, '[', ']', 'brackets');
  nodes = enclose(nodes, '(', ')', 'parenthesis');
  nodes = follow(nodes, 'function', isOneOf('name', 'placeholder'), isOneOf('parenthesis'));
  nodes = join(nodes, PERIODS);
  nodes = follow(nodes, 'identifier', isIndexable, isOneOf('brackets'));
  nodes = nodes.map((node) => (isOneOf('name', 'symbol')(node) ? group('identifier', [node]) : node));
  nodes = follow(nodes, 'identifier', isOneOf('identifier', 'integer', 'float'), isOneOf('order'));
  for (const joint of [CASTS, OPERATIONS, CLAUSES, ALIASES]) nodes = join(nodes, joint);
  nodes = follow(
    nodes,
    'identifier',
    isOneOf(...OPERANDS, 'clause', 'integer', 'float'),
    isOneOf('identifier'),
    false,
  );
  return join(nodes, LISTS);
}

function group(kind: NodeKind, parts: readonly FilterNode[]): FilterNode {
  return { kind, text: parts.map(({ text }) => text).join(''), parts };
}

/** Makes one node of each pair of brackets; one without its partner stays as it is. */
function enclose(
  nodes: readonly FilterNode[],
  opening: string,
  closing: string,
  kind: NodeKind,
): FilterNode[] {
  const out: FilterNode[] = [];
  const open: number[] = [];
  for (const node of nodes) {
    out.push(node);
    if (isText('punctuation', opening)(node)) open.push(out.length - 1);
    const start = isText('punctuation', closing)(node) ? open.pop() : undefined;
    if (start !== undefined) out.splice(start, out.length, group(kind, out.slice(start)));
  }
  return out;
}

/** Makes one node of each `first` that a `second` follows, spaces between them allowed. */
function follow(
  nodes: readonly FilterNode[],
  kind: NodeKind,
  isFirst: (node: FilterNode) => boolean,
  isSecond: (node: FilterNode) => boolean,
  isChain = true,
): FilterNode[] {
  const out: FilterNode[] = [];
  let first = -1;
  for (const node of nodes) {
    out.push(node);
    if (node.kind === 'space') continue;
    if (first >= 0 && isSecond(node)) {
      const grouped = group(kind, out.slice(first));
      out.splice(first, out.length, grouped);
      if (!isChain || !isFirst(grouped)) first = -1;
    } else first = isFirst(node) ? out.length - 1 : -1;
  }
  return out;
}

/**
 * Makes one node of each `left middle right`. In `a = 'x' = 'y'` the neighbour of the second middle is `'x'`,
 * and the group takes in the whole first clause.
 */
function join(nodes: readonly FilterNode[], joint: Joint): FilterNode[] {
  const out: FilterNode[] = [];
  let start = -1;
  let left: FilterNode | undefined;
  for (let at = 0; at < nodes.length; at++) {
    const node = nodes[at] as FilterNode;
    out.push(node);
    if (node.kind === 'space') continue;
    const next = nextSolid(nodes, at);
    const right = next === undefined ? undefined : nodes[next];
    if (left !== undefined && joint.isMiddle(node) && joint.canPrecede(left) && joint.canFollow(right)) {
      const takes = next !== undefined && (joint.takesNext ?? always)(right);
      if (takes) out.push(...nodes.slice(at + 1, next + 1));
      out.splice(start, out.length, group(joint.kind, out.slice(start)));
      left = takes ? right : out[start];
      if (takes) at = next;
    } else {
      start = out.length - 1;
      left = node;
    }
  }
  return out;
}

function nextSolid(nodes: readonly FilterNode[], at: number): number | undefined {
  for (let next = at + 1; next < nodes.length; next++) if (nodes[next]?.kind !== 'space') return next;
  return undefined;
}
