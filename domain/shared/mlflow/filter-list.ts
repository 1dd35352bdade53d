import { InvalidInputError } from '../domain-error.ts';
import { toPythonText } from './python-text.ts';

const ITEM =
  /\s*(?:#[^\n]*(?:\n|$)\s*)*(?:(?<prefix>u|r)?(?<string>'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*")|(?<other>[-+]?[\w.]+)|(?<comma>,)|$)/isy;
const ESCAPES: Readonly<Record<string, string>> = {
  '\n': '',
  '\\': '\\',
  "'": "'",
  '"': '"',
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};
const NUMBER_OR_CONSTANT = /^(?:[-+]?\d[\d_]*(?:\.\d*)?(?:e[-+]?\d+)?|[-+]?\.\d+|True|False|None)$/i;

/**
 * The strings of `('a', "b")`. MLflow reads the list as a Python literal, so that strings have Python's
 * escapes and neighbours without a comma are one string. @throws InvalidInputError
 */
export function parseFilterList(text: string): readonly string[] {
  const items = readItems(text.slice(1, -1));
  if (items.length === 0) throw refused('expected a non-empty list of string values, but got empty list');
  if (items.some(({ isText }) => !isText)) {
    const shown = items.map(({ isText, value }) => (isText ? toPythonText(value) : value)).join(', ');
    throw new InvalidInputError(
      'While parsing a list in the query, expected string value, punctuation, or whitespace, ' +
        `but got different type in list: (${shown}${items.length === 1 ? ',' : ''})`,
    );
  }
  return items.map(({ value }) => value);
}

interface ListItem {
  readonly value: string;
  readonly isText: boolean;
}

function readItems(inside: string): ListItem[] {
  const items: ListItem[] = [];
  let isAfterComma = true;
  for (let position = 0; position < inside.length; position = ITEM.lastIndex) {
    ITEM.lastIndex = position;
    const found = ITEM.exec(inside)?.groups;
    if (found === undefined) throw illFormed();
    if (found.comma !== undefined) {
      if (isAfterComma) throw illFormed();
      isAfterComma = true;
    } else if (found.string !== undefined || found.other !== undefined) {
      addItem(items, readItem(found), isAfterComma);
      isAfterComma = false;
    } else break;
  }
  return items;
}

function addItem(items: ListItem[], item: ListItem, isAfterComma: boolean): void {
  const last = isAfterComma ? undefined : items.pop();
  if (last !== undefined && !(last.isText && item.isText)) throw illFormed();
  items.push(last === undefined ? item : { ...last, value: last.value + item.value });
}

function readItem({ string, other, prefix }: Readonly<Record<string, string | undefined>>): ListItem {
  if (string !== undefined) {
    const inside = string.slice(1, -1);
    return { value: prefix?.toLowerCase() === 'r' ? inside : unescapeText(inside), isText: true };
  }
  if (!NUMBER_OR_CONSTANT.test(other as string)) throw illFormed();
  return { value: other as string, isText: false };
}

function unescapeText(text: string): string {
  return text.replace(
    /\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|U([0-9a-f]{8})|([0-7]{1,3})|(.))/gis,
    (all, byte?: string, short?: string, long?: string, octal?: string, char?: string) => {
      const hex = byte ?? short ?? long;
      const code = octal === undefined ? Number.parseInt(hex ?? '', 16) : Number.parseInt(octal, 8);
      if (code <= 0x10ffff) return String.fromCodePoint(code);
      return ESCAPES[char ?? ''] ?? all;
    },
  );
}

function illFormed(): InvalidInputError {
  return refused('expected a non-empty list of string values, but got ill-formed list.');
}

function refused(what: string): InvalidInputError {
  return new InvalidInputError(`While parsing a list in the query, ${what}`);
}
