import type { ModelCheck, ModelChecker, ModelCheckInput } from '../../domain/registry/ports.ts';

/** Says what it is told about every model, for tests of use cases. */
export class MemoryModelChecker implements ModelChecker {
  readonly inputs: ModelCheckInput[] = [];
  verdict: Partial<ModelCheck> = {};

  async check(input: ModelCheckInput): Promise<ModelCheck> {
    this.inputs.push(input);
    const outputs = [{ name: 'label', type: 'tensor', 'tensor-spec': { dtype: 'int64', shape: [-1] } }];
    const inputs = [{ name: 'x', type: 'double', required: true }];
    const given = input.signature as Record<string, unknown> | undefined;
    return {
      ok: true,
      reasons: [],
      warnings: [],
      externalData: [],
      signature: given ?? { inputs, outputs, params: null },
      signatureFrom: given === undefined ? 'graph' : 'caller',
      loadMs: 7,
      ...this.verdict,
    };
  }
}
