import type { OnnxModelFacts, OnnxValue } from './read-model.ts';

/** One row of one tensor; a request has 4 MB at most, and an answer 6 MB. */
const MAX_ROW_BYTES = 256 * 1024 ** 2;
/** What is left for weights where models are checked, which has 3 GB. */
const MAX_WEIGHT_BYTES = 2 * 1024 ** 3;

/** ONNX's element types by bits; texts and unknown ones count as eight bytes. */
const BITS: Readonly<Record<string, number>> = {
  bool: 8,
  int4: 4,
  uint4: 4,
  int8: 8,
  uint8: 8,
  int16: 16,
  uint16: 16,
  float16: 16,
  bfloat16: 16,
  int32: 32,
  uint32: 32,
  float: 32,
};

/** Bytes of a tensor of this shape; dimensions of any length count as one. */
export function declaredBytes(elementType: string | null, dims: readonly (number | string | null)[]): number {
  const elements = dims.reduce<number>((product, size) => product * (typeof size === 'number' ? size : 1), 1);
  return (elements * (BITS[elementType ?? ''] ?? 64)) / 8;
}

/** Which declared shape asks for more memory than there is, and what to do; undefined when all are fine. */
export function findOversized({ inputs, outputs, weightBytes }: OnnxModelFacts): string | undefined {
  const values: [string, OnnxValue][] = [
    ...inputs.map((value): [string, OnnxValue] => ['input', value]),
    ...outputs.map((value): [string, OnnxValue] => ['output', value]),
  ];
  const over = values.find(
    ([, { elementType, shape }]) => declaredBytes(elementType, shape ?? []) > MAX_ROW_BYTES,
  );
  if (over !== undefined) {
    const [kind, { name, elementType, shape }] = over;
    const size = toGigabytes(declaredBytes(elementType, shape ?? []));
    return (
      `The ${kind} '${name}' is declared as ${elementType} [${(shape ?? []).join(', ')}], which is ${size} GB: ` +
      'export with a batch and sizes that a request can have.'
    );
  }
  if (weightBytes <= MAX_WEIGHT_BYTES) return undefined;
  return `The weights are declared with ${toGigabytes(weightBytes)} GB, and at most 2 are served: use a smaller model, or quantize it.`;
}

function toGigabytes(bytes: number): string {
  return (bytes / 1024 ** 3).toFixed(1);
}
