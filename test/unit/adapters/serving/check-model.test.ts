import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { checkModelFile } from '../../../../adapters/serving/check-model.ts';
import { buildOnnxModel, buildTreeClassifier, type NodeSpec } from '../../../support/onnx-model.ts';

const folder = mkdtempSync(join(tmpdir(), 'perennial-check-'));

afterAll(() => rmSync(folder, { recursive: true }));

function writeModel(name: string, bytes: Uint8Array | string): string {
  writeFileSync(join(folder, name), bytes);
  return join(folder, name);
}

/** Doubles a tensor in each node: 2^40 floats at the end. */
function buildDoublingModel(): Uint8Array {
  const nodes = Array.from({ length: 40 }, (_, k): NodeSpec => {
    const input = k === 0 ? 'x' : `t${k}`;
    return {
      op: 'Concat',
      inputs: [input, input],
      outputs: [k === 39 ? 'y' : `t${k + 1}`],
      attributes: { axis: 1n },
    };
  });
  return buildOnnxModel({
    inputs: [{ name: 'x', type: 'float', shape: ['N', 1] }],
    outputs: [{ name: 'y', type: 'float', shape: ['N', 'M'] }],
    nodes,
  });
}

describe('checkModelFile', () => {
  it('passes a model that loads and runs, and answers its signature and example', async () => {
    const check = await checkModelFile({ file: writeModel('good.onnx', buildTreeClassifier(3, 2, 2)) });

    expect(check).toMatchObject({ ok: true, reasons: [], signatureFrom: 'graph' });
    expect(check.example).toBeDefined();
  });

  it('refuses a file that is no model, in our own words', async () => {
    const check = await checkModelFile({ file: writeModel('bad.onnx', 'not a model at all') });

    expect(check.ok).toBe(false);
    expect(check.reasons.join(' ')).not.toContain(folder);
  });

  it('ends a model that takes too much memory', async () => {
    const file = writeModel('bomb.onnx', buildDoublingModel());

    const check = await checkModelFile({ file }, { timeoutSeconds: 20, memoryMb: 400 });

    expect(check.ok).toBe(false);
  }, 30_000);

  it('ends a model that takes too long', async () => {
    const file = writeModel('slow.onnx', buildTreeClassifier(3, 2, 2));

    const check = await checkModelFile({ file }, { timeoutSeconds: 0.01, memoryMb: 4000 });

    expect(check).toMatchObject({
      ok: false,
      reasons: ['Loading and running the model took more than 0.01 s.'],
    });
  });
});
