import { InvalidInputError } from '../domain-error.ts';
import { parseFilterList } from './filter-list.ts';
import type { FilterNode } from './group-filter.ts';

/** `tags.a.b` is the entity `tags` and the key `a.b`; without a dot there is no entity. */
export function splitIdentifier(identifier: string): { readonly entity?: string; readonly key: string } {
  const dot = identifier.indexOf('.');
  return dot < 0 ? { key: identifier } : { entity: identifier.slice(0, dot), key: identifier.slice(dot + 1) };
}

/** The key without the quotes or backticks around it. */
export function stripKey(key: string): string {
  return stripBackticks(isQuoted(key, "'") || isQuoted(key, '"') ? key.slice(1, -1) : key);
}

export function stripBackticks(text: string): string {
  return isQuoted(text, '`') ? text.slice(1, -1) : text;
}

export function isQuoted(text: string, mark: string): boolean {
  return text.length >= 2 && text.startsWith(mark) && text.endsWith(mark);
}

/** Whether a value is written as text: in quotes, or as a name, which `readText` then refuses. */
export function isText(value: FilterNode): boolean {
  return value.kind === 'string' || value.kind === 'identifier';
}

export function isNumber(value: FilterNode): boolean {
  return value.kind === 'integer' || value.kind === 'float';
}

/** Text without its quotes; it has no escapes. @throws InvalidInputError for text without quotes */
export function readText({ text }: FilterNode): string {
  if (isQuoted(text, "'") || isQuoted(text, '"')) return text.slice(1, -1);
  throw new InvalidInputError(
    'Parameter value is either not quoted or unidentified quote types used for string value ' +
      `${text}. Use either single or double quotes.`,
  );
}

/** The list of a clause about `key`, where MLflow takes one. @throws InvalidInputError */
export function readList(value: FilterNode, key: string, listKeys: readonly string[]): readonly string[] {
  if (listKeys.includes(key)) return parseFilterList(value.text);
  const named = listKeys.map((name) => `'${name}'`).join(', ');
  throw new InvalidInputError(
    `Only [${named}] attributes support comparison with a list of quoted string values.`,
  );
}
