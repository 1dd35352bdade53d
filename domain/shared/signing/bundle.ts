import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';
import { SignatureRefusedError } from './errors.ts';
import type { Manifest } from './manifest.ts';
import { computeStatementDigest, parseStatement } from './statement.ts';

const BUNDLE_MEDIA_TYPE = 'application/vnd.dev.sigstore.bundle.v0.3+json';
const PAYLOAD_TYPE = 'application/vnd.in-toto+json';

/** What a sigstore bundle around a DSSE envelope holds that matters for a signature made with a key. */
export interface SignatureBundle {
  readonly statement: Uint8Array;
  /** ECDSA signature in DER, as KMS returns it. */
  readonly signature: Uint8Array;
  /** SHA-256 of the signer's public key in PEM; absent in bundles of early signers. */
  readonly keyHint?: string;
}

/** A manifest whose signature holds, and which key made it. */
export interface VerifiedManifest extends Manifest {
  readonly modelName: string;
  readonly statementDigest: string;
  readonly keyHint: string;
}

/** DSSE's pre-authentication encoding of a statement: the bytes that are hashed (SHA-256) and signed. */
export function pae(statement: Uint8Array): Uint8Array {
  const header = `DSSEv1 ${PAYLOAD_TYPE.length} ${PAYLOAD_TYPE} ${statement.length} `;
  return Buffer.concat([Buffer.from(header), statement]);
}

/** The digest to hand to KMS `Sign` with `MessageType: DIGEST` and `ECDSA_SHA_256`. */
export function computeSigningDigest(statement: Uint8Array): Uint8Array {
  return createHash('sha256').update(pae(statement)).digest();
}

/** KMS answers `GetPublicKey` in DER; everything here takes PEM. */
export function toPublicKeyPem(spkiDer: Uint8Array): string {
  return toPem(createPublicKey({ key: Buffer.from(spkiDer), format: 'der', type: 'spki' }));
}

/** How bundles name the key that made them: SHA-256 of its PEM in hex. */
export function computeKeyHint(publicKeyPem: string): string {
  return createHash('sha256')
    .update(toPem(createPublicKey(publicKeyPem)))
    .digest('hex');
}

/** The text of `model.sig` for a statement that was signed with the key's private half. */
export function buildBundle(statement: Uint8Array, derSignature: Uint8Array, publicKeyPem: string): string {
  return JSON.stringify({
    mediaType: BUNDLE_MEDIA_TYPE,
    verificationMaterial: { publicKey: { hint: computeKeyHint(publicKeyPem) }, tlogEntries: [] },
    dsseEnvelope: {
      payload: Buffer.from(statement).toString('base64'),
      payloadType: PAYLOAD_TYPE,
      signatures: [{ sig: Buffer.from(derSignature).toString('base64'), keyid: '' }],
    },
  });
}

/** Reads `model.sig`; throws SignatureRefusedError when it is not a bundle with one DSSE signature. */
export function parseBundle(text: string): SignatureBundle {
  const bundle = parseJson(text);
  const envelope = bundle?.dsseEnvelope as Record<string, unknown> | undefined;
  const signatures = Array.isArray(envelope?.signatures) ? envelope.signatures : [];
  const sig = signatures.length === 1 ? (signatures[0] as { sig?: unknown } | null)?.sig : undefined;
  if (bundle?.mediaType !== BUNDLE_MEDIA_TYPE || envelope?.payloadType !== PAYLOAD_TYPE) {
    throw new SignatureRefusedError(
      'The signature is not a sigstore bundle of version 0.3 around an in-toto statement.',
    );
  }
  if (typeof envelope.payload !== 'string' || typeof sig !== 'string') {
    throw new SignatureRefusedError('The bundle must hold a payload and exactly one signature.');
  }
  const hint = (bundle.verificationMaterial as { publicKey?: { hint?: unknown } } | undefined)?.publicKey
    ?.hint;
  return {
    statement: Buffer.from(envelope.payload, 'base64'),
    signature: Buffer.from(sig, 'base64'),
    ...(typeof hint === 'string' ? { keyHint: hint } : {}),
  };
}

/** Checks the signature against the trusted keys; throws SignatureRefusedError when none of them made it. */
export function verifyBundle(bundle: SignatureBundle, publicKeysPem: readonly string[]): VerifiedManifest {
  const message = pae(bundle.statement);
  for (const pem of publicKeysPem) {
    const key = createPublicKey(pem);
    const keyHint = createHash('sha256').update(toPem(key)).digest('hex');
    if (bundle.keyHint !== undefined && bundle.keyHint !== keyHint) continue;
    if (!verify('sha256', message, { key, dsaEncoding: 'der' }, bundle.signature)) continue;
    return {
      ...parseStatement(bundle.statement),
      statementDigest: computeStatementDigest(bundle.statement),
      keyHint,
    };
  }
  throw new SignatureRefusedError(
    'The signature was not made by any of the trusted keys over this statement.',
  );
}

function toPem(key: KeyObject): string {
  return key.export({ type: 'spki', format: 'pem' }).toString();
}

function parseJson(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch (error) {
    throw new SignatureRefusedError('The signature file is not JSON.', { cause: error });
  }
}
