import { refuse } from './problems.ts';

/** Which outputs an Open Inference request asked for, and in which form. */
export interface RequestedOutputs {
  readonly names: readonly string[];
  readonly binary: ReadonlySet<string>;
  /** Whether the rows are to be read as a table: MLServer's `content_type` of a request. */
  readonly asTable: boolean;
}

/** Reads `outputs` and what the request's own `parameters` say of them; all outputs when none is named. */
export function readRequestedOutputs(
  outputs: unknown,
  parameters: unknown,
  known: readonly string[],
): RequestedOutputs {
  const { binary_data_output: isBinary, content_type: contentType } = (parameters ?? {}) as Record<
    string,
    unknown
  >;
  const byDefault = readFlag(isBinary, 'parameters.binary_data_output') ?? false;
  const asTable = contentType === 'pd';
  if (outputs === undefined) return { names: known, binary: new Set(byDefault ? known : []), asTable };
  if (!Array.isArray(outputs)) refuse('outputs', 'must be a list');
  const binary = new Set<string>();
  const names = outputs.map((output: unknown, index) => {
    const { name, parameters: own } = (output ?? {}) as { name?: unknown; parameters?: unknown };
    if (typeof name !== 'string' || !known.includes(name)) {
      refuse(`outputs[${index}].name`, `must be one of ${known.join(', ')}`);
    }
    const flag = (own as { binary_data?: unknown } | null | undefined)?.binary_data;
    if (readFlag(flag, `outputs[${index}].parameters.binary_data`) ?? byDefault) binary.add(name);
    return name;
  });
  return { names, binary, asTable };
}

function readFlag(value: unknown, path: string): boolean | undefined {
  if (value === undefined || typeof value === 'boolean') return value;
  return refuse(path, 'must be true or false');
}
