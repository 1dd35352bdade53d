import { InvalidInputError } from '../shared/domain-error.ts';
import { type Clause, type Comparator, parseFilter, toLikePattern } from '../shared/mlflow-filter.ts';

export interface SearchInput {
  readonly filter?: string | undefined;
  readonly max_results?: number | undefined;
  readonly order_by: readonly string[];
  readonly page_token?: string | undefined;
}

export type Value = string | number | undefined;

/** One thing that a search looks at: its fields by name, its tags, and what the answer shows of it. */
export interface Candidate<T> {
  readonly fields: Readonly<Record<string, Value>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly subject: T;
}

export interface SearchRules {
  readonly attributes: Readonly<Record<string, readonly Comparator[]>>;
  readonly orderKeys: Readonly<Record<string, string>>;
  /** `field ASC|DESC`, appended to what the caller asks for. */
  readonly ties: readonly string[];
  readonly defaultOrder: readonly string[];
  readonly defaultResults: number;
  readonly maxResults: number;
}

export const TEXT: readonly Comparator[] = ['=', '!=', 'LIKE', 'ILIKE'];
export const TEXT_OR_LIST: readonly Comparator[] = [...TEXT, 'IN', 'NOT IN'];
export const NUMBER: readonly Comparator[] = ['=', '!=', '>', '>=', '<', '<='];

/** MLflow keeps prompts among the registered models and shows them only to who asks for them. */
const PROMPT_TAG = 'mlflow.prompt.is_prompt';
/** Filters, orders and cuts out a page. */
export function search<T>(
  candidates: readonly Candidate<T>[],
  clauses: readonly Clause[],
  input: SearchInput,
  rules: SearchRules,
): { readonly subjects: readonly T[]; readonly next: { readonly next_page_token?: string } } {
  const limit = readLimit(input.max_results, rules);
  const offset = readOffset(input.page_token);
  const asksForPrompts = clauses.some(({ key }) => key === PROMPT_TAG);
  const found = candidates
    .filter(({ tags }) => asksForPrompts || tags[PROMPT_TAG]?.toLowerCase() !== 'true')
    .filter((candidate) => clauses.every((clause) => matches(read(candidate, clause), clause)))
    .sort(makeComparison(input.order_by, rules));
  const end = offset + limit;
  const next = found.length > end ? { next_page_token: encodeOffset(end) } : {};
  return { subjects: found.slice(offset, end).map(({ subject }) => subject), next };
}

/** The filter's clauses, each checked against what this search knows. @throws InvalidInputError */
export function readClauses(filter: string | undefined, rules: SearchRules): Clause[] {
  return parseFilter(filter).map((clause) => {
    const entity = /^(attributes?|attr)$/.test(clause.entity) ? 'attribute' : clause.entity;
    if (entity === 'tag' || entity === 'tags') {
      checkComparator(clause, TEXT);
      return { ...clause, entity: 'tag' };
    }
    const allowed = entity === 'attribute' ? rules.attributes[clause.key] : undefined;
    if (allowed === undefined) {
      throw new InvalidInputError(
        `Invalid attribute key '${clause.key}' specified. Valid keys are '${Object.keys(rules.attributes).join("', '")}'`,
      );
    }
    checkComparator(clause, allowed);
    return { ...clause, entity };
  });
}

function checkComparator({ key, comparator, value }: Clause, allowed: readonly Comparator[]): void {
  if (!allowed.includes(comparator)) {
    throw new InvalidInputError(
      `Invalid comparator '${comparator}' for '${key}'; use one of ${allowed.join(', ')}`,
    );
  }
  const wantsNumber = allowed === NUMBER;
  if (wantsNumber !== (typeof value === 'number')) {
    throw new InvalidInputError(
      `Expected a ${wantsNumber ? 'numeric' : 'quoted string'} value for '${key}'. Found ${JSON.stringify(value)}`,
    );
  }
}

function read<T>({ fields, tags }: Candidate<T>, { entity, key }: Clause): Value {
  if (entity === 'attribute') return fields[key];
  // MLflow's client adds `!= 'true'` to every search, and means the models without the tag.
  if (key === PROMPT_TAG) return tags[key] ?? 'false';
  return Object.hasOwn(tags, key) ? tags[key] : undefined;
}

/** A clause about something that is absent is false, `!=` included (SQL's inner join). */
export function matches(actual: Value, { comparator, value }: Clause): boolean {
  if (actual === undefined) return false;
  if (comparator === 'IN') return (value as readonly string[]).includes(String(actual));
  if (comparator === 'NOT IN') return !(value as readonly string[]).includes(String(actual));
  if (comparator === 'LIKE' || comparator === 'ILIKE') {
    return toLikePattern(String(value), comparator === 'ILIKE').test(String(actual));
  }
  if (comparator === '=') return actual === value;
  if (comparator === '!=') return actual !== value;
  const [left, right] = [Number(actual), Number(value)];
  if (comparator === '>') return left > right;
  if (comparator === '>=') return left >= right;
  return comparator === '<' ? left < right : left <= right;
}

function makeComparison(orderBy: readonly string[], rules: SearchRules) {
  const order = [...(orderBy.length > 0 ? orderBy : rules.defaultOrder), ...rules.ties].map((text) => {
    const [, key = '', direction = 'ASC'] = /^\s*(\S+?)(?:\s+(ASC|DESC))?\s*$/i.exec(text) ?? [];
    const field = rules.orderKeys[key.replace(/^attributes?\./, '').replace(/[`"]/g, '')];
    if (field === undefined) {
      throw new InvalidInputError(
        `Invalid order by key '${text.trim()}' specified. Valid keys are '${Object.keys(rules.orderKeys).join("', '")}'`,
      );
    }
    return { field, sign: direction.toUpperCase() === 'DESC' ? -1 : 1 };
  });
  return (a: Candidate<unknown>, b: Candidate<unknown>): number => {
    for (const { field, sign } of order) {
      const [left = '', right = ''] = [a.fields[field], b.fields[field]];
      if (left !== right) return left < right ? -sign : sign;
    }
    return 0;
  };
}

function readLimit(asked: number | undefined, rules: SearchRules): number {
  const limit = asked ?? rules.defaultResults;
  if (limit >= 1 && limit <= rules.maxResults) return limit;
  throw new InvalidInputError(
    `Invalid value ${limit} for parameter 'max_results' supplied. It must be between 1 and ${rules.maxResults}`,
  );
}

function encodeOffset(offset: number): string {
  return Buffer.from(JSON.stringify({ offset })).toString('base64url');
}

function readOffset(token: string | undefined): number {
  if (token === undefined || token === '') return 0;
  try {
    const { offset } = JSON.parse(Buffer.from(token, 'base64url').toString()) as { offset?: unknown };
    if (Number.isInteger(offset) && (offset as number) >= 0) return offset as number;
  } catch {
    // Falls through to the refusal: what is not JSON is not our token either.
  }
  throw new InvalidInputError('Invalid page token, could not base64-decode');
}
