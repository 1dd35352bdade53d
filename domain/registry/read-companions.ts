import type { ScoreRange } from '../shared/observation.ts';
import type { Task } from './shapes.ts';

/** The bytes as a JSON object; undefined when they are anything else. */
export function parseJsonObject(
  bytes: Uint8Array | undefined,
): Readonly<Record<string, unknown>> | undefined {
  const value = parseJson(bytes);
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? (value as Record<string, unknown>) : undefined;
}

/** The bytes as JSON; undefined when they are not. */
export function parseJson(bytes: Uint8Array | undefined): unknown {
  if (bytes === undefined) return undefined;
  try {
    return JSON.parse(Buffer.from(bytes).toString());
  } catch {
    return undefined;
  }
}

const LABEL_DTYPES: readonly unknown[] = [
  'int64',
  'int32',
  'str',
  'bool',
  'long',
  'integer',
  'string',
  'boolean',
];

/** A model nobody told the task of: one that answers labels classifies, any other one estimates numbers. */
export function findTask(signature: Readonly<Record<string, unknown>>): Task {
  const outputs = Array.isArray(signature.outputs) ? signature.outputs : [];
  const answersLabels = outputs.some((output: Record<string, unknown>) => {
    const spec = output['tensor-spec'] as { dtype?: unknown } | undefined;
    return LABEL_DTYPES.includes(spec?.dtype ?? output.type) || /prob/i.test(String(output.name));
  });
  return answersLabels ? 'classification' : 'regression';
}

/**
 * Range that predictions are binned over: what the baseline saw, a tenth wider on both sides; undefined means
 * [0, 1], as for probabilities.
 */
export function findScoreRange(
  profile: Readonly<Record<string, unknown>> | undefined,
  task: Task,
): ScoreRange | undefined {
  const { min, max } = (profile?.prediction ?? {}) as { min?: unknown; max?: unknown };
  if (task === 'classification' || typeof min !== 'number' || typeof max !== 'number') return undefined;
  const margin = max > min ? (max - min) / 10 : 1;
  return { low: min - margin, high: max + margin };
}
