import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  buildBundle,
  computeKeyHint,
  computeSigningDigest,
  pae,
  parseBundle,
  toPublicKeyPem,
  verifyBundle,
} from '../../../../../domain/shared/signing/bundle.ts';
import { SignatureRefusedError } from '../../../../../domain/shared/signing/errors.ts';
import { buildManifest } from '../../../../../domain/shared/signing/manifest.ts';
import { buildStatement, computeStatementDigest } from '../../../../../domain/shared/signing/statement.ts';

const sha = (text: string) => createHash('sha256').update(text).digest('hex');
const FILES = [
  { path: 'model.onnx', sha256: sha('model') },
  { path: 'example.json', sha256: sha('example') },
];

function makeKey() {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { privateKey, pem: publicKey.export({ type: 'spki', format: 'pem' }).toString(), publicKey };
}

function signed(statement = buildStatement('late', buildManifest(FILES)), key = makeKey()) {
  return {
    key,
    statement,
    text: buildBundle(statement, sign('sha256', pae(statement), key.privateKey), key.pem),
  };
}

describe('verifyBundle', () => {
  it('gives back the files, the model name and the statement digest of a signature that holds', () => {
    const { key, statement, text } = signed();

    const verified = verifyBundle(parseBundle(text), [makeKey().pem, key.pem]);

    expect(verified.files.map((file) => file.path)).toEqual(['example.json', 'model.onnx']);
    expect(verified.modelName).toBe('late');
    expect(verified.statementDigest).toBe(computeStatementDigest(statement));
    expect(verified.keyHint).toBe(computeKeyHint(key.pem));
  });

  it('refuses a signature of a key that is not trusted', () => {
    const { text } = signed();

    expect(() => verifyBundle(parseBundle(text), [makeKey().pem])).toThrow(SignatureRefusedError);
  });

  it('refuses a statement that was changed after signing', () => {
    const { key, text } = signed();
    const other = buildStatement('late', buildManifest([{ path: 'model.onnx', sha256: sha('other') }]));
    const bundle = JSON.parse(text);
    bundle.dsseEnvelope.payload = Buffer.from(other).toString('base64');

    expect(() => verifyBundle(parseBundle(JSON.stringify(bundle)), [key.pem])).toThrow(SignatureRefusedError);
  });

  it('checks a bundle without a key hint by its signature alone', () => {
    const { key, text } = signed();
    const bundle = JSON.parse(text);
    delete bundle.verificationMaterial.publicKey.hint;

    expect(verifyBundle(parseBundle(JSON.stringify(bundle)), [key.pem]).modelName).toBe('late');
  });

  it.each([
    ['of another type', { _type: 'x' }],
    ['with another predicate', { predicateType: 'https://model_signing/Digests/v0.1' }],
    ['without a predicate', { predicate: null }],
    ['with two subjects', { subject: [1, 2] }],
    ['whose digest does not fit', { subject: [{ name: 'a', digest: { sha256: sha('no') } }] }],
    ['in shards', { predicate: { serialization: { method: 'shards', hash_type: 'sha256' }, resources: [] } }],
    [
      'naming a file outside its folder',
      {
        predicate: {
          serialization: { method: 'files', hash_type: 'sha256' },
          resources: [{ name: '../x', algorithm: 'sha256', digest: sha('x') }],
        },
      },
    ],
  ])('refuses a signed statement %s', (_, change) => {
    const statement = JSON.parse(Buffer.from(buildStatement('late', buildManifest(FILES))).toString());
    const { key, text } = signed(Buffer.from(JSON.stringify({ ...statement, ...change })));

    expect(() => verifyBundle(parseBundle(text), [key.pem])).toThrow(SignatureRefusedError);
  });

  it('refuses a signed payload that is not JSON', () => {
    const { key, text } = signed(Buffer.from('no json'));

    expect(() => verifyBundle(parseBundle(text), [key.pem])).toThrow(SignatureRefusedError);
  });
});

describe('parseBundle', () => {
  it.each([
    ['no JSON', '{'],
    ['JSON of no object', 'null'],
    ['another media type', JSON.stringify({ mediaType: 'x', dsseEnvelope: {} })],
    [
      'no signature',
      JSON.stringify({
        ...JSON.parse(signed().text),
        dsseEnvelope: { payloadType: 'application/vnd.in-toto+json', payload: '' },
      }),
    ],
  ])('refuses %s', (_, text) => {
    expect(() => parseBundle(text)).toThrow(SignatureRefusedError);
  });
});

describe('computeSigningDigest', () => {
  it('is the SHA-256 of the DSSE encoding, whose lengths count bytes', () => {
    const statement = Buffer.from('{"ä":1}');

    const digest = computeSigningDigest(statement);

    const encoded = Buffer.concat([Buffer.from('DSSEv1 28 application/vnd.in-toto+json 8 '), statement]);
    expect(Buffer.from(digest).toString('hex')).toBe(createHash('sha256').update(encoded).digest('hex'));
  });
});

describe('toPublicKeyPem', () => {
  it('turns the DER that KMS answers into the same PEM', () => {
    const key = makeKey();

    const pem = toPublicKeyPem(key.publicKey.export({ type: 'spki', format: 'der' }));

    expect(pem).toBe(key.pem);
  });
});
