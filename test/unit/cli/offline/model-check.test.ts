import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runModelCheck } from '../../../../cli/offline/model-check.ts';
import {
  buildExternalModel,
  buildHugeModel,
  buildTruncatedModel,
  buildWrongProtobuf,
} from '../../../support/hostile-models.ts';
import { buildOnnxModel, buildTreeClassifier } from '../../../support/onnx-model.ts';

const folder = mkdtempSync(join(tmpdir(), 'perennial-model-check-'));
writeFileSync(join(folder, 'short.bin'), Buffer.alloc(4));
writeFileSync(join(folder, 'whole.bin'), Buffer.from(Float32Array.of(1, 2).buffer));

afterAll(() => rmSync(folder, { recursive: true }));

function write(name: string, content: Uint8Array | object): string {
  const file = join(folder, name);
  writeFileSync(file, content instanceof Uint8Array ? content : JSON.stringify(content));
  return file;
}

describe('model check', () => {
  it.each<[string, Uint8Array, string]>([
    ['an input of gigabytes', buildHugeModel('input'), "The input 'x' is declared as float [100000, 100000]"],
    ['an output of gigabytes', buildHugeModel('output'), "The output 'y' is declared"],
    [
      'weights of gigabytes that are not there',
      buildHugeModel('weights'),
      'The weights are declared with 37.3 GB',
    ],
    [
      'weights above the folder',
      buildExternalModel('../weights.bin'),
      "'../weights.bin', which is not beside it",
    ],
    ['weights anywhere on the machine', buildExternalModel('/etc/hostname'), 'which is not beside it'],
    ['weights in no file', buildExternalModel(undefined), 'which is not beside it'],
    ['weights in a file that is not there', buildExternalModel('gone.bin'), 'not sent: gone.bin'],
    ['weights in a file that is too short', buildExternalModel('short.bin'), 'do not fit it'],
    ['an upload that broke off', buildTruncatedModel(), 'not an ONNX model'],
    ['protobuf that means something else', buildWrongProtobuf(), 'not an ONNX model'],
    ['operators of somebody else', buildForeign('acme.ops'), 'operators of acme.ops'],
    ['an operator that is not there', buildForeign(''), "no operator 'Magic'"],
  ])('refuses %s in words, without what is inside the machine', async (_, model, reason) => {
    const { check, exitCode } = await runModelCheck({ file: write('hostile.onnx', model) });

    expect(exitCode).toBe(2);
    expect(check).toMatchObject({ ok: false, reasons: [expect.stringContaining(reason)] });
    expect(check.reasons[0]).not.toMatch(/onnxruntime_src|\.cc\b|perennial-model-check/);
  });

  it('passes a model with its weights beside it, signature, example and tolerance', async () => {
    const { check, exitCode } = await runModelCheck({
      file: write('outside.onnx', buildExternalModel('whole.bin')),
      signature: write('signature.json', { inputs: ['a', 'b'].map((name) => ({ name, type: 'double' })) }),
      example: write('example.json', {
        inputs: { columns: ['b', 'a'], data: [[1, 2]] },
        outputs: [[3, 3.5]],
      }),
      tolerance: 0.2,
    });

    expect(exitCode).toBe(0);
    expect(check).toMatchObject({ ok: true, externalData: ['whole.bin'], tolerance: 0.2 });
    expect(check.maxDifference).toBeCloseTo(0.5 / 3.5, 6);
  });

  it('says where the example is not answered', async () => {
    const { check, exitCode } = await runModelCheck({
      file: write('tree.onnx', buildTreeClassifier(3, 2, 2)),
      example: write('other.json', { inputs: { instances: [[1, 2]] }, outputs: [{ label: 7 }] }),
    });

    expect(exitCode).toBe(2);
    expect(check.reasons[0]).toContain('outputs[0].label');
  });

  it('names files that are not there, or no JSON', async () => {
    const file = write('tree.onnx', buildTreeClassifier(3, 2, 2));

    await expect(runModelCheck({ file: join(folder, 'none.onnx') })).rejects.toThrow('There is no file');
    await expect(runModelCheck({ file, example: join(folder, 'none.json') })).rejects.toThrow(
      'There is no file',
    );
    await expect(runModelCheck({ file, signature: file })).rejects.toThrow('is not JSON');
    await expect(runModelCheck({ file: folder })).rejects.toThrow('There is no file');
  });
});

describe('the tolerance of model check', () => {
  it.each([Number.NaN, -1])(
    'is refused when it is %d, which every answer would be within, or none',
    async (tolerance) => {
      const file = write('tree.onnx', buildTreeClassifier(3, 2, 2));

      await expect(runModelCheck({ file, tolerance })).rejects.toThrow('must be a number ≥ 0');
    },
  );
});

function buildForeign(domain: string): Uint8Array {
  return buildOnnxModel({
    inputs: [{ name: 'x', type: 'float', shape: ['N'] }],
    outputs: [{ name: 'y', type: 'float', shape: ['N'] }],
    nodes: [{ op: 'Magic', domain, inputs: ['x'], outputs: ['y'] }],
  });
}
