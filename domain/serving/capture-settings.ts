import { type FieldError, InvalidInputError } from '../shared/domain-error.ts';

/** What an endpoint's capture keeps, as the variable `CAPTURE` holds it in JSON. */
export interface CaptureSettings {
  readonly enabled: boolean;
  /** Columns whose values are written as null. */
  readonly drop: readonly string[];
  /** Columns whose values are written as HMAC-SHA256 under the tenant's key, so that erasure finds them. */
  readonly hash: readonly string[];
  /** The tenant's key in base64; needed when `hash` names a column. */
  readonly hashKey?: string;
}

export const CAPTURE_EVERYTHING: CaptureSettings = { enabled: true, drop: [], hash: [] };

const FIELDS: ReadonlySet<string> = new Set(['enabled', 'drop', 'hash', 'hashKey', 'mode', 'redact']);

/**
 * Reads `CAPTURE`, in these words or in those of an endpoint's settings (`mode`, `redact`).
 *
 * @throws InvalidInputError naming the field: an unclear or unknown setting must not leak a column
 */
export function parseCaptureSettings(text: string | undefined): CaptureSettings {
  if (text === undefined || text === '') return CAPTURE_EVERYTHING;
  const errors: FieldError[] = [];
  const fields = parseObject(text);
  const { enabled, hashKey, mode } = fields;
  for (const name in fields) {
    if (!FIELDS.has(name)) errors.push({ path: `CAPTURE.${name}`, message: 'is not a capture setting' });
  }
  if (enabled !== undefined && typeof enabled !== 'boolean') {
    errors.push({ path: 'CAPTURE.enabled', message: 'must be true or false' });
  }
  if (mode !== undefined && mode !== 'log' && mode !== 'off') {
    errors.push({ path: 'CAPTURE.mode', message: 'must be log or off: this runtime has no other' });
  }
  const settings: CaptureSettings = {
    enabled: enabled !== false && mode !== 'off',
    drop: [
      ...readNames(fields.drop, 'CAPTURE.drop', errors),
      ...readNames(fields.redact, 'CAPTURE.redact', errors),
    ],
    hash: readNames(fields.hash, 'CAPTURE.hash', errors),
    ...(typeof hashKey === 'string' && hashKey !== '' ? { hashKey } : {}),
  };
  if (settings.hash.length > 0 && settings.hashKey === undefined) {
    errors.push({ path: 'CAPTURE.hashKey', message: 'must be set when columns are hashed' });
  }
  if (errors.length > 0) {
    const problems = errors.map(({ path, message }) => `${path} ${message}`).join('; ');
    throw new InvalidInputError(`The capture settings are not valid: ${problems}.`, errors);
  }
  return settings;
}

function parseObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch (error) {
    throw new InvalidInputError('The capture settings are not JSON.', [], { cause: error });
  }
  throw new InvalidInputError('The capture settings must be a JSON object.');
}

function readNames(value: unknown, path: string, errors: FieldError[]): readonly string[] {
  if (value === undefined) return [];
  if (Array.isArray(value) && value.every((name) => typeof name === 'string')) return value;
  errors.push({ path, message: 'must be a list of column names' });
  return [];
}
