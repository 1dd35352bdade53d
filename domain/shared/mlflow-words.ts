/** Sentences of MLflow's own server about requests; its clients' tests read them (mlflow/server/handlers.py). */

/** What MLflow adds to refusals that its handlers make. */
export const SEE_DOCS = 'See the API docs for more information about request parameters.';

/** A parameter that is absent, null or an empty string: protobuf cannot tell these apart. */
export function missingParameter(parameter: string): string {
  return `Missing value for required parameter '${parameter}'. ${SEE_DOCS}`;
}

/** A parameter of the wrong type; MLflow writes two spaces before its hint. */
export function mistypedParameter(parameter: string, value: unknown): string {
  return `${invalidParameter(parameter, value, ` Hint: Value was of type '${toPythonType(value)}'.`)} ${SEE_DOCS}`;
}

/** A value that breaks a rule, with the rule as detail. */
export function invalidParameter(parameter: string, value: unknown, detail?: string): string {
  const start = `Invalid value ${toPythonJson(value)} for parameter '${parameter}' supplied`;
  return detail === undefined ? `${start}.` : `${start}: ${detail}`;
}

/** A text beyond its limit. */
export function tooLong(parameter: string, limit: number): string {
  return `'${parameter}' exceeds the maximum length of ${limit} characters`;
}

/** Zod's path as MLflow writes it: `metrics[0].key`. */
export function toParameterPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, part) =>
      typeof part === 'number' ? `${text}[${part}]` : text === '' ? String(part) : `${text}.${String(part)}`,
    '',
  );
}

/** A number that was written as a float, whatever its value: `9.0` is none of Python's integers. */
export class PythonFloat {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }
}

/** As Python's `repr` writes a float. */
export function toPythonFloat(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  if (value === 0 || (size >= 1e-4 && size < 1e16))
    return Number.isInteger(value) ? `${value}.0` : String(value);
  const [digits, sign, exponent] = value.toExponential().split(/e([+-])/);
  return `${digits}e${sign}${exponent?.padStart(2, '0')}`;
}

/** As Python's `json.dumps(value, sort_keys=True, separators=(",", ":"))` writes it. */
export function toPythonJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(toPythonJson).join(',')}]`;
  if (typeof value === 'object' && value !== null && !(value instanceof PythonFloat)) {
    const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${entries.map(([key, each]) => `${toPythonJson(key)}:${toPythonJson(each)}`).join(',')}}`;
  }
  if (value instanceof PythonFloat) return toPythonFloat(value.value);
  if (typeof value === 'number') return Number.isInteger(value) ? String(value) : toPythonFloat(value);
  return (JSON.stringify(value) ?? 'null').replace(
    /[\u007f-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function toPythonType(value: unknown): string {
  if (value === null) return 'NoneType';
  if (value instanceof PythonFloat) return 'float';
  if (Array.isArray(value)) return 'list';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float';
  return { string: 'str', boolean: 'bool', object: 'dict' }[typeof value as string] ?? typeof value;
}
