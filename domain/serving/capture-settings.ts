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

/** Reads `CAPTURE`; throws InvalidInputError naming the field: an unclear setting must not leak a column. */
export function parseCaptureSettings(text: string | undefined): CaptureSettings {
  if (text === undefined || text === '') return CAPTURE_EVERYTHING;
  const errors: FieldError[] = [];
  const { enabled, drop, hash, hashKey } = parseObject(text);
  if (enabled !== undefined && typeof enabled !== 'boolean') {
    errors.push({ path: 'CAPTURE.enabled', message: 'must be true or false' });
  }
  const settings: CaptureSettings = {
    enabled: enabled !== false,
    drop: readNames(drop, 'CAPTURE.drop', errors),
    hash: readNames(hash, 'CAPTURE.hash', errors),
    ...(typeof hashKey === 'string' && hashKey !== '' ? { hashKey } : {}),
  };
  if (settings.hash.length > 0 && settings.hashKey === undefined) {
    errors.push({ path: 'CAPTURE.hashKey', message: 'must be set when columns are hashed' });
  }
  if (errors.length > 0) throw new InvalidInputError('The capture settings are not valid.', errors);
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
