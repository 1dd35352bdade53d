import { InvalidInputError } from '../shared/domain-error.ts';
import type { VersionExample } from './contract.ts';
import { readInvocations } from './read-invocations.ts';
import type { ServedModel } from './served-model.ts';

/** Conversions of gradient-boosted trees are known to differ by about this much from their framework. */
export const DEFAULT_TOLERANCE = 1e-4;

/** How close two answers are. */
export interface Comparison {
  /** Largest difference of two numbers: absolute up to 1, relative above. */
  readonly maxDifference: number;
  /** The first place where they differ by more than the tolerance, in words; undefined when they agree. */
  readonly mismatch: string | undefined;
}

/** Reads `example.json`; throws InvalidInputError when it has no inputs and outputs. */
export function parseExample(value: unknown): VersionExample {
  const { inputs, outputs, tolerance } = (value ?? {}) as Record<string, unknown>;
  if (typeof inputs !== 'object' || inputs === null || !Array.isArray(outputs)) {
    throw new InvalidInputError('The example must be an object with inputs and a list of outputs.');
  }
  if (tolerance !== undefined && !(typeof tolerance === 'number' && tolerance >= 0)) {
    throw new InvalidInputError("The example's tolerance must be a number ≥ 0.");
  }
  return { inputs: inputs as Record<string, unknown>, outputs, tolerance: tolerance ?? DEFAULT_TOLERANCE };
}

/** The example's inputs as a body of `/invocations`. */
export function toInvocation({ inputs }: Pick<VersionExample, 'inputs'>): Readonly<Record<string, unknown>> {
  return 'data' in inputs && Array.isArray(inputs.data) ? { dataframe_split: inputs } : inputs;
}

/** The model's `predictions` for the example's inputs; throws as a request with them would. */
export async function predictExample(
  model: ServedModel,
  example: Pick<VersionExample, 'inputs'>,
): Promise<unknown[]> {
  const batch = readInvocations(toInvocation(example), model.binding);
  const outputs = await model.run(batch.feeds);
  return (JSON.parse(model.writePredictions(outputs, batch.rows, 'null')) as { predictions: unknown[] })
    .predictions;
}

/** Runs the example and compares; throws as a request with its inputs would. */
export async function checkExample(model: ServedModel, example: VersionExample): Promise<Comparison> {
  return comparePredictions(await predictExample(model, example), example.outputs, example.tolerance);
}

/** Compares predictions value by value; other kinds of values must be equal. */
export function comparePredictions(actual: unknown, expected: unknown, tolerance: number): Comparison {
  const found = { maxDifference: 0, mismatch: undefined as string | undefined };
  compare(actual, expected, 'outputs', tolerance, found);
  return found;
}

function compare(
  actual: unknown,
  expected: unknown,
  path: string,
  tolerance: number,
  found: { maxDifference: number; mismatch: string | undefined },
): void {
  if (typeof actual === 'number' && typeof expected === 'number') {
    const difference = Math.abs(actual - expected) / Math.max(1, Math.abs(expected));
    found.maxDifference = Math.max(found.maxDifference, difference);
    if (difference > tolerance) found.mismatch ??= `${path} is ${actual} instead of ${expected}`;
  } else if (
    isContainer(actual) &&
    isContainer(expected) &&
    Array.isArray(actual) === Array.isArray(expected)
  ) {
    const keys = new Set([...Object.keys(actual), ...Object.keys(expected)]);
    for (const key of keys) {
      const at = Array.isArray(expected) ? `${path}[${key}]` : `${path}.${key}`;
      compare(actual[key], expected[key], at, tolerance, found);
    }
  } else if (isListOfOne(expected) && !isContainer(actual)) {
    // Frameworks answer [N, 1] as lists of one, where endpoints answer the value.
    compare(actual, expected[0], `${path}[0]`, tolerance, found);
  } else if (actual !== expected) {
    found.mismatch ??= `${path} is ${JSON.stringify(actual)} instead of ${JSON.stringify(expected)}`;
  }
}

function isListOfOne(value: unknown): value is [unknown] {
  return Array.isArray(value) && value.length === 1;
}

function isContainer(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
