import { execFileSync, spawnSync } from 'node:child_process';
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { buildBundle, pae, parseBundle, verifyBundle } from '../../domain/shared/signing/bundle.ts';
import { buildManifest } from '../../domain/shared/signing/manifest.ts';
import { buildStatement } from '../../domain/shared/signing/statement.ts';
import { ensureTestPython } from '../support/python-environment.ts';

const FILES = { 'model.onnx': 'a model', 'example.json': '{}', 'weights/part.0': 'w0', 'weights.bin': 'w' };
const work = mkdtempSync(join(tmpdir(), 'perennial-signing-'));
const model = join(work, 'model');
const publicKeyFile = join(work, 'public.pem');
const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const publicKeyPem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
let command: string;

function writeModel() {
  for (const [path, text] of Object.entries(FILES)) {
    mkdirSync(dirname(join(model, path)), { recursive: true });
    writeFileSync(join(model, path), text);
  }
  const files = Object.entries(FILES).map(([path, text]) => ({
    path,
    sha256: createHash('sha256').update(text).digest('hex'),
  }));
  const statement = buildStatement('late-flights', buildManifest(files));
  const signature = sign('sha256', pae(statement), privateKey);
  writeFileSync(join(model, 'model.sig'), buildBundle(statement, signature, publicKeyPem));
}

function verifyWithPackage() {
  const options = ['--signature', join(model, 'model.sig'), '--public_key', publicKeyFile];
  const { status, stdout, stderr } = spawnSync(command, ['verify', 'key', ...options, model], {
    encoding: 'utf8',
  });
  return { status, output: stdout + stderr };
}

beforeAll(() => {
  command = join(ensureTestPython(), 'model_signing');
  writeFileSync(publicKeyFile, publicKeyPem);
});

beforeEach(() => {
  rmSync(model, { recursive: true, force: true });
  writeModel();
});

afterAll(() => rmSync(work, { recursive: true, force: true }));

describe('the model_signing Python package', () => {
  it('verifies a folder that the platform signed', () => {
    const result = verifyWithPackage();

    expect(result.output).toContain('Verification succeeded');
    expect(result.status).toBe(0);
  });

  it('refuses the folder after one file was changed', () => {
    writeFileSync(join(model, 'weights', 'part.0'), 'w1');

    const result = verifyWithPackage();

    expect(result.output).toContain("Hash mismatch for 'weights/part.0'");
    expect(result.status).not.toBe(0);
  });

  it('refuses a signature of another key', () => {
    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey;
    writeFileSync(publicKeyFile, other.export({ type: 'spki', format: 'pem' }));

    const result = verifyWithPackage();
    writeFileSync(publicKeyFile, publicKeyPem);

    expect(result.status).not.toBe(0);
  });
});

describe('verifyBundle', () => {
  it('accepts what the Python package signed', () => {
    const privateKeyFile = join(work, 'private.pem');
    writeFileSync(privateKeyFile, privateKey.export({ type: 'sec1', format: 'pem' }));
    const options = ['--private_key', privateKeyFile, '--signature', join(model, 'model.sig')];
    execFileSync(command, ['sign', 'key', ...options, model], { stdio: 'pipe' });

    const verified = verifyBundle(parseBundle(readFileSync(join(model, 'model.sig'), 'utf8')), [
      publicKeyPem,
    ]);

    expect(verified.files.map((file) => file.path)).toEqual(Object.keys(FILES).sort(bySegments));
  });
});

function bySegments(a: string, b: string): number {
  return a.replaceAll('/', '\0') < b.replaceAll('/', '\0') ? -1 : 1;
}
