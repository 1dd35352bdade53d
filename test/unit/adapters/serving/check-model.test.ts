import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { checkModelFile } from '../../../../adapters/serving/check-model.ts';
import { buildDoublingModel, buildEndlessModel, buildLongChain } from '../../../support/hostile-models.ts';
import { buildTreeClassifier } from '../../../support/onnx-model.ts';

const folder = mkdtempSync(join(tmpdir(), 'perennial-check-'));

afterAll(() => rmSync(folder, { recursive: true }));

function writeModel(name: string, bytes: Uint8Array | string): string {
  writeFileSync(join(folder, name), bytes);
  return join(folder, name);
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

  it.each([
    ['loops for ever', buildEndlessModel],
    ['has so many nodes that it loads for seconds', buildLongChain],
  ])('ends a model that %s', async (_, build) => {
    const file = writeModel('endless.onnx', build());

    const check = await checkModelFile({ file }, { timeoutSeconds: 1.5, memoryMb: 4000 });

    expect(check).toMatchObject({ ok: false, reasons: [expect.stringContaining('more than 1.5 s')] });
  });

  it('ends a model that takes too long', async () => {
    const file = writeModel('slow.onnx', buildTreeClassifier(3, 2, 2));

    const check = await checkModelFile({ file }, { timeoutSeconds: 0.01, memoryMb: 4000 });

    expect(check).toMatchObject({
      ok: false,
      reasons: [expect.stringContaining('Loading and running the model took more than 0.01 s.')],
    });
  });
});
