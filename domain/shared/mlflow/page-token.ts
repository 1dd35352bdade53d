import { InvalidInputError } from '../domain-error.ts';
import { toPythonBytes, toPythonText } from './python-text.ts';

/** MLflow's page token: clients must not look into it, and still it is the same as upstream's. */
export function formatOffsetToken(offset: number): string {
  return Buffer.from(`{"offset": ${offset}}`).toString('base64');
}

/** The offset that a page starts at; 0 without a token. @throws InvalidInputError */
export function parseOffsetToken(token: string | undefined): number {
  if (token === undefined || token === '') return 0;
  const parsed = decodePageToken(token);
  const offset = isRecord(parsed) ? parsed.offset : undefined;
  if (!offset) throw refusePageToken(parsed);
  const number = typeof offset === 'string' || typeof offset === 'number' ? Number(offset) : Number.NaN;
  if (Number.isFinite(number) && number >= 0) return Math.trunc(number);
  throw new InvalidInputError(
    `Invalid page token, not stringable ${typeof offset === 'string' ? offset : toPythonText(offset)}`,
  );
}

/** What a token holds, for searches that keep more in it than an offset. @throws InvalidInputError */
export function decodePageToken(token: string): unknown {
  // Python's decoder skips what is not of the alphabet.
  const digits = token.replace(/[^A-Za-z0-9+/=]/g, '');
  if (!isPadded(digits)) throw new InvalidInputError('Invalid page token, could not base64-decode');
  const bytes = Buffer.from(digits, 'base64');
  try {
    return JSON.parse(bytes.toString());
  } catch {
    throw new InvalidInputError(`Invalid page token, decoded value=${toPythonBytes(bytes)}`);
  }
}

export function refusePageToken(parsed: unknown): InvalidInputError {
  return new InvalidInputError(`Invalid page token, parsed value=${toPythonText(parsed)}`);
}

function isPadded(digits: string): boolean {
  const length = digits.replace(/=.*$/s, '').length % 4;
  return length === 0 || (length > 1 && digits.length - digits.replaceAll('=', '').length >= 4 - length);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
