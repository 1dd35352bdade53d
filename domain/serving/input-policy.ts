import { type FieldError, InvalidInputError } from '../shared/domain-error.ts';
import type { CellReader } from './cell.ts';

/** What becomes of a missing value: it is refused, or another value takes its place. */
export type MissingRule = 'refuse' | { readonly fill: number | string | boolean };

/** What an endpoint lets pass, as the variable `INPUT_POLICY` holds it in JSON. */
export interface InputPolicy {
  readonly unknownColumns: 'refuse' | 'ignore';
  /** By column or tensor; without a rule the model gets its own missing value, if it has one. */
  readonly missingValues: Readonly<Record<string, MissingRule>>;
}

export const STRICT_INPUT: InputPolicy = { unknownColumns: 'refuse', missingValues: {} };

/**
 * Reads `INPUT_POLICY`.
 *
 * @throws InvalidInputError naming the field: what was meant to be refused must not slip through
 */
export function parseInputPolicy(text: string | undefined): InputPolicy {
  if (text === undefined || text === '') return STRICT_INPUT;
  const { unknownColumns = 'refuse', missingValues = {}, ...others } = parseObject(text);
  const errors: FieldError[] = Object.keys(others).map((name) => ({
    path: `INPUT_POLICY.${name}`,
    message: 'is not a setting of the input policy',
  }));
  if (unknownColumns !== 'refuse' && unknownColumns !== 'ignore') {
    errors.push({ path: 'INPUT_POLICY.unknownColumns', message: 'must be refuse or ignore' });
  }
  const rules = (missingValues ?? {}) as Record<string, unknown>;
  for (const name in rules) {
    if (isRule(rules[name])) continue;
    errors.push({
      path: `INPUT_POLICY.missingValues.${name}`,
      message: 'must be "refuse" or {"fill": value}',
    });
  }
  if (errors.length > 0) {
    const problems = errors.map(({ path, message }) => `${path} ${message}`).join('; ');
    throw new InvalidInputError(`The input policy is not valid: ${problems}.`, errors);
  }
  return { unknownColumns, missingValues: rules } as InputPolicy;
}

function parseObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return value as Record<string, unknown>;
    }
  } catch (error) {
    throw new InvalidInputError('The input policy is not JSON.', [], { cause: error });
  }
  throw new InvalidInputError('The input policy must be a JSON object.');
}

function isRule(rule: unknown): rule is MissingRule {
  if (rule === 'refuse') return true;
  if (typeof rule !== 'object' || rule === null) return false;
  return ['number', 'string', 'boolean'].includes(typeof (rule as { fill?: unknown }).fill);
}

/** The rule of a column; a column may be called `constructor`, so only the policy's own keys count. */
export function findRule({ missingValues }: InputPolicy, name: string): MissingRule | undefined {
  return Object.hasOwn(missingValues, name) ? missingValues[name] : undefined;
}

/** The reader with the rule's missing value in place of the model's; undefined when the value is not of the type. */
export function applyRule(reader: CellReader, rule: MissingRule | undefined): CellReader | undefined {
  if (rule === undefined) return reader;
  const missing = rule === 'refuse' ? undefined : reader.read(rule.fill);
  if (rule !== 'refuse' && missing === undefined) return undefined;
  return { ...reader, missing };
}
