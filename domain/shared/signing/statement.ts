import { createHash } from 'node:crypto';
import { SignatureRefusedError } from './errors.ts';
import {
  buildManifest,
  computeRootDigest,
  isSafePath,
  type Manifest,
  type ManifestFile,
} from './manifest.ts';

const STATEMENT_TYPE = 'https://in-toto.io/Statement/v1';
/** The predicate of OpenSSF Model Signing 1.0, as the `model_signing` Python package writes and reads it. */
const PREDICATE_TYPE = 'https://model_signing/signature/v1.0';
/** What no signature covers: it lies beside the files itself, and the package skips git's files by default. */
export const UNSIGNED_PATHS: readonly string[] = [
  'model.sig',
  '.git',
  '.gitattributes',
  '.github',
  '.gitignore',
];

/** The in-toto statement over a model's files, as the bytes that are signed. */
export function buildStatement(modelName: string, manifest: Manifest): Uint8Array {
  const statement = {
    _type: STATEMENT_TYPE,
    subject: [{ name: modelName, digest: { sha256: manifest.rootDigest } }],
    predicateType: PREDICATE_TYPE,
    predicate: {
      serialization: {
        method: 'files',
        hash_type: 'sha256',
        allow_symlinks: false,
        ignore_paths: UNSIGNED_PATHS,
      },
      resources: manifest.files.map(({ path, sha256 }) => ({
        name: path,
        algorithm: 'sha256',
        digest: sha256,
      })),
    },
  };
  return Buffer.from(JSON.stringify(statement));
}

/** SHA-256 of a statement's bytes in hex: what `MANIFEST_DIGEST` pins for a deployed version. */
export function computeStatementDigest(statement: Uint8Array): string {
  return createHash('sha256').update(statement).digest('hex');
}

/** Reads a statement's files; throws SignatureRefusedError when it is of another kind or inconsistent. */
export function parseStatement(statement: Uint8Array): Manifest & { readonly modelName: string } {
  const value = parseJson(statement);
  if (value?._type !== STATEMENT_TYPE)
    throw new SignatureRefusedError('The signed payload is no in-toto statement.');
  if (value.predicateType !== PREDICATE_TYPE) {
    throw new SignatureRefusedError(`The statement's predicate is not ${PREDICATE_TYPE}.`);
  }
  const files = readResources(value.predicate);
  const [subject, ...others] = asArray(value.subject).map(asRecord);
  const digest = asRecord(subject?.digest)?.sha256;
  if (subject === undefined || typeof subject.name !== 'string' || others.length > 0) {
    throw new SignatureRefusedError('The statement must have exactly one subject.');
  }
  if (digest !== computeRootDigest(files)) {
    throw new SignatureRefusedError("The statement's own digest does not match the files it lists.");
  }
  return { modelName: subject.name, ...buildManifest(files) };
}

function readResources(predicate: unknown): ManifestFile[] {
  const { serialization, resources } = asRecord(predicate) ?? {};
  const { method, hash_type } = asRecord(serialization) ?? {};
  if (method !== 'files' || hash_type !== 'sha256') {
    throw new SignatureRefusedError('Only manifests of whole files under SHA-256 can be checked.');
  }
  return asArray(resources).map((resource) => {
    const { name, algorithm, digest } = asRecord(resource) ?? {};
    const valid = typeof name === 'string' && isSafePath(name) && algorithm === 'sha256';
    if (!valid || typeof digest !== 'string' || !/^[0-9a-f]{64}$/.test(digest)) {
      throw new SignatureRefusedError('The statement lists a file without a safe path and a SHA-256 digest.');
    }
    return { path: name, sha256: digest };
  });
}

function parseJson(bytes: Uint8Array): Record<string, unknown> | undefined {
  try {
    return asRecord(JSON.parse(Buffer.from(bytes).toString('utf8')));
  } catch (error) {
    throw new SignatureRefusedError('The signed payload is not JSON.', { cause: error });
  }
}

function asRecord(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
}

function asArray(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
