/**
 * SQL's LIKE: `%` is any run, `_` one character, the whole text must match, and there is no escape. ILIKE
 * ignores case in every script, as MLflow on PostgreSQL does (on SQLite only in ASCII). Walks the text with one
 * point to come back to, so that no pattern takes exponential time.
 */
export function compileLike(pattern: string, ignoreCase: boolean): (text: string) => boolean {
  const wanted = [...(ignoreCase ? pattern.toLowerCase() : pattern)];
  const plain = compilePlain(wanted.join(''));
  const test = plain ?? ((text: string) => matchesLike([...text], wanted));
  return ignoreCase ? (text) => test(text.toLowerCase()) : test;
}

/** Patterns whose only `%` are at their ends, which are nearly all, need no walk. */
function compilePlain(pattern: string): ((text: string) => boolean) | undefined {
  const parts = /^(%*)([^%_]*)(%*)$/s.exec(pattern);
  if (parts === null) return undefined;
  const [, before, middle = '', after] = parts;
  if (middle === '') return pattern === '' ? (text) => text === '' : () => true;
  if (before !== '' && after !== '') return (text) => text.includes(middle);
  if (before !== '') return (text) => text.endsWith(middle);
  return after !== '' ? (text) => text.startsWith(middle) : (text) => text === middle;
}

function matchesLike(text: readonly string[], pattern: readonly string[]): boolean {
  let [at, place] = [0, 0];
  let [retryAt, retryPattern] = [0, -1];
  while (at < text.length) {
    if (pattern[place] === '%') {
      retryPattern = place + 1;
      retryAt = at;
      place = retryPattern;
    } else if (pattern[place] === '_' || pattern[place] === text[at]) {
      place += 1;
      at += 1;
    } else if (retryPattern >= 0) {
      retryAt += 1;
      at = retryAt;
      place = retryPattern;
    } else return false;
  }
  return pattern.slice(place).every((char) => char === '%');
}
