/**
 * DynamoDB's smallest number that is not 0; p-values of large samples are smaller.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html#limits-data-types-number
 */
const SMALLEST = 1e-130;

/** The value with every number that DynamoDB would refuse as too small made 0. */
export function withStorableNumbers(value: unknown): unknown {
  if (typeof value === 'number') return Math.abs(value) < SMALLEST ? 0 : value;
  if (Array.isArray(value)) return value.map(withStorableNumbers);
  if (!isPlainObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, withStorableNumbers(field)]));
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
