import { SQL_KEYWORDS } from './sql-keywords.ts';

export type TokenKind =
  | 'space'
  | 'comment'
  | 'name'
  | 'symbol'
  | 'placeholder'
  | 'string'
  | 'integer'
  | 'float'
  | 'comparison'
  | 'operator'
  | 'wildcard'
  | 'order'
  | 'keyword'
  | 'punctuation'
  | 'other';

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
}

const WORD = String.raw`[\p{L}\p{N}_]`;
const LETTER = '[A-ZÀ-Ü]';
const NO_LETTER = '(?![_A-ZÀ-Ü])';

/**
 * What MLflow's SQL lexer knows, in its order: the first that matches at a position wins. The order explains
 * the odd parts of the grammar, such as that `tags.from` needs quotes and `tags.order` does not.
 */
const RULES: readonly (readonly [RegExp, TokenKind | 'word'])[] = (
  [
    [String.raw`(?:--|# ).*?(?:\r\n|\r|\n|$)`, 'comment'],
    [String.raw`\/\*[^]*?\*\/`, 'comment'],
    [String.raw`(?<![\p{L}\p{N}_"$])(\$(?:[_A-ZÀ-Ü]${WORD}*)?\$)[^]*?\1`, 'other'],
    [String.raw`\s`, 'space'],
    [':=', 'other'],
    ['::', 'punctuation'],
    [String.raw`\*`, 'wildcard'],
    ['`(?:``|[^`])*`', 'name'],
    ['´(?:´´|[^´])*´', 'name'],
    [String.raw`\?`, 'placeholder'],
    [String.raw`%(?:\(${WORD}+\))?s`, 'placeholder'],
    [`(?<!${WORD})[$:?]${WORD}+`, 'placeholder'],
    [String.raw`\\${WORD}+`, 'other'],
    [`(?:CASE|IN|VALUES|USING|FROM|AS)(?!${WORD})`, 'keyword'],
    [`(?:@|##|#)${LETTER}${WORD}+`, 'name'],
    [String.raw`${LETTER}${WORD}*(?=\s*\.(?!\d))`, 'name'],
    [String.raw`(?<=\.)${LETTER}${WORD}*`, 'name'],
    [String.raw`${LETTER}${WORD}*(?=\()`, 'name'],
    ['-?0x[0-9A-F]+', 'other'],
    [String.raw`-?\d+(?:\.\d+)?E-?\d+`, 'float'],
    [String.raw`-?(?:\d+\.\d*|\.\d+)${NO_LETTER}`, 'float'],
    [String.raw`-?\d+${NO_LETTER}`, 'integer'],
    [String.raw`'(?:''|\\'|[^'])*'`, 'string'],
    [String.raw`"(?:""|\\"|[^"])*"`, 'symbol'],
    [String.raw`(?<![\p{L}\p{N}_\])])\[[^\]\[]+\]`, 'name'],
    [String.raw`NOT\s+NULL(?!${WORD})`, 'keyword'],
    [String.raw`(?:ASC|DESC)(?:\s+NULLS\s+(?:FIRST|LAST))?(?!${WORD})`, 'order'],
    [String.raw`NULLS\s+(?:FIRST|LAST)(?!${WORD})`, 'order'],
    [String.raw`(?:GROUP|ORDER)\s+BY(?!${WORD})`, 'keyword'],
    [String.raw`(?:NOT\s+)?(?:LIKE|ILIKE|RLIKE)(?!${WORD})`, 'comparison'],
    [String.raw`(?:NOT\s+)?REGEXP(?:\s+BINARY)?(?!${WORD})`, 'comparison'],
    [`${WORD}(?:${WORD}|[$#])*`, 'word'],
    [String.raw`[;:()\[\],.]`, 'punctuation'],
    ['->>?|#>>?|@>|<@|-|#-', 'operator'],
    ['[<>=~!]+', 'comparison'],
    [String.raw`[+\/@#%^&|^-]+`, 'operator'],
  ] as const
).map(([pattern, kind]) => [new RegExp(pattern, 'iuy'), kind]);

/** The tokens of a filter or an order, with everything between them: their texts joined are the input. */
export function lexFilter(text: string): Token[] {
  const tokens: Token[] = [];
  for (let position = 0; position < text.length; ) {
    const token = readToken(text, position);
    tokens.push(token);
    position += token.text.length;
  }
  return tokens;
}

function readToken(text: string, position: number): Token {
  for (const [pattern, kind] of RULES) {
    pattern.lastIndex = position;
    const found = pattern.exec(text)?.[0];
    if (found !== undefined && found !== '')
      return { kind: kind === 'word' ? wordKind(found) : kind, text: found };
  }
  return { kind: 'other', text: String.fromCodePoint(text.codePointAt(position) as number) };
}

function wordKind(word: string): TokenKind {
  return SQL_KEYWORDS.has(word.toUpperCase()) ? 'keyword' : 'name';
}
