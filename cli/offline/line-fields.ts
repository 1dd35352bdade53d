export type Fields = Readonly<Record<string, unknown>>;

export function toFields(value: unknown, path: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Error(`${path} must be a JSON object.`);
  }
  return value as Fields;
}

export function readCount(value: unknown, path: string): number {
  if (!Number.isSafeInteger(value) || (value as number) < 0) {
    throw new Error(`${path} must be a whole number from 0 on.`);
  }
  return value as number;
}

export function readSum(value: unknown, path: string): number {
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) {
    throw new Error(`${path} must be a number from 0 on.`);
  }
  return value;
}
