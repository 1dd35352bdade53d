import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runModelCheck } from '../../cli/offline/model-check.ts';
import { ensureTestPython } from '../support/python-environment.ts';

const folder = mkdtempSync(join(tmpdir(), 'perennial-kinds-'));

beforeAll(() => {
  const python = join(ensureTestPython(), 'python');
  execFileSync(python, [join(import.meta.dirname, 'model_kinds.py'), folder], { stdio: 'pipe' });
}, 300_000);

afterAll(() => rmSync(folder, { recursive: true }));

describe('a model as scikit-learn exports it', () => {
  it.each([
    'pipeline-without-zipmap',
    'pipeline-with-zipmap',
    'pipeline-with-a-column-a-class',
    'pipeline-of-two-matrices',
    'text-labels',
    'float64',
    'int64',
    'bool',
    'text',
    'fixed-batch',
    'weights-beside',
  ])('answers as its framework does: %s', async (kind) => {
    const signature = join(folder, `${kind}.signature.json`);

    const { check, exitCode } = await runModelCheck({
      file: join(folder, `${kind}.onnx`),
      example: join(folder, `${kind}.example.json`),
      signature: existsSync(signature) ? signature : undefined,
    });

    expect(check).toMatchObject({ ok: true, reasons: [] });
    expect(check.maxDifference).toBeLessThan(1e-4);
    expect(exitCode).toBe(0);
  });
});
