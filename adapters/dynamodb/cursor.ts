import { InvalidInputError } from '../../domain/shared/domain-error.ts';

/** A page's end as an opaque string. It holds key values only, and is checked against the query's own partition by DynamoDB. */
export function encodeCursor(lastKey: Record<string, unknown>): string {
  return Buffer.from(JSON.stringify(lastKey)).toString('base64url');
}

/** @throws InvalidInputError when the cursor is not one of ours */
export function decodeCursor(cursor: string): Record<string, string> {
  try {
    const key: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (isKey(key)) return key;
  } catch {
    // Falls through to the refusal: what is not JSON is not our cursor either.
  }
  throw unknownCursor();
}

/** The refusal of a cursor that this list did not give. */
export function unknownCursor(cause?: unknown): InvalidInputError {
  const errors = [{ path: 'cursor', message: 'is unknown' }];
  return new InvalidInputError('The cursor is not one that this list gave.', errors, { cause });
}

function isKey(value: unknown): value is Record<string, string> {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.values(value).every((part) => typeof part === 'string')
  );
}
