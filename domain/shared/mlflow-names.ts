import { InvalidInputError } from './domain-error.ts';
import { invalidParameter, tooLong } from './mlflow-words.ts';

/** Python's `\w`, and that its `$` stands before a last line break, too. */
const NAME_CHARACTERS = /^[/\p{L}\p{N}_.\- :]*\n?$/u;

/** Names of metrics, params and tags. @throws InvalidInputError as MLflow's `validation.py` does */
export function checkMlflowKey(name: string, parameter: string): void {
  if (!NAME_CHARACTERS.test(name)) {
    const allowed =
      'Names may only contain alphanumerics, underscores (_), dashes (-), periods (.), spaces ( ), colon(:) and slashes (/).';
    throw new InvalidInputError(invalidParameter(parameter, name, allowed));
  }
  checkOwnPath(name, parameter);
}

/** Refuses a name that, taken as a path, is another name's path. @throws InvalidInputError */
export function checkOwnPath(name: string, parameter: string): void {
  const path = normalizePath(name);
  if (path === name && path !== '.' && !path.startsWith('..') && !path.startsWith('/')) return;
  const detail =
    'Names may be treated as files in certain cases, and must not resolve to other names when treated as such. ' +
    `This name would resolve to ${toPythonText(path)}`;
  throw new InvalidInputError(invalidParameter(parameter, name, detail));
}

/** @throws InvalidInputError when the text has more characters, counted as Python does */
export function checkMlflowLength(text: string, limit: number, parameter: string): void {
  if (text.length > limit && [...text].length > limit) throw new InvalidInputError(tooLong(parameter, limit));
}

/** A tag of an experiment, a registered model or a version. @throws InvalidInputError */
export function checkMlflowTag(key: string, value: string, limits: { key: number; value: number }): void {
  checkMlflowKey(key, 'key');
  checkMlflowLength(key, limits.key, 'key');
  checkMlflowLength(value, limits.value, 'value');
}

/** A text as Python's `repr` writes it. */
export function toPythonText(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text.replace(
    /[\\\n\r\t]/g,
    (c) => ({ '\n': '\\n', '\r': '\\r', '\t': '\\t' })[c] ?? '\\\\',
  );
  return quote + (quote === "'" ? escaped.replaceAll("'", "\\'") : escaped) + quote;
}

/** As Python's `posixpath.normpath` does: two leading slashes stay two. */
function normalizePath(path: string): string {
  const root = /^\/\/(?!\/)/.test(path) ? '//' : path.startsWith('/') ? '/' : '';
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    const isClimbing = part === '..' && (parts.at(-1) === '..' || (parts.length === 0 && root === ''));
    if (part !== '..' || isClimbing) parts.push(part);
    else parts.pop();
  }
  return root + parts.join('/') || '.';
}
