import type { CallContext } from '../shared/call-context.ts';
import { inParallel } from '../shared/in-parallel.ts';
import { parseBundle, type VerifiedManifest, verifyBundle } from '../shared/signing/bundle.ts';
import { SignatureRefusedError } from '../shared/signing/errors.ts';
import type { Store } from '../shared/store.ts';
import { ModelVersionNotServableError } from './errors.ts';
import { getVersionItem, type VersionRecord } from './model-records.ts';
import type { ArtifactStorage, TrustedKeys } from './ports.ts';
import { FILES_AT_ONCE, SIGNATURE_BUNDLE_FILE } from './sign-files.ts';
import type { Verification, VersionFiles } from './version-shapes.ts';

const LINK_SECONDS = 900;

interface VersionName {
  readonly name: string;
  readonly ref: string | number;
}

export interface VerifyDeps {
  readonly store: Store;
  readonly storage: ArtifactStorage;
  readonly keys: TrustedKeys;
}

/**
 * Checks a version's signature against the platform's keys, and every stored file against what was signed.
 *
 * @throws ModelVersionNotFoundError, ModelVersionNotServableError when nothing was signed
 */
export async function verifyModelVersion(
  { store, storage, keys }: VerifyDeps,
  context: CallContext,
  { name, ref }: VersionName,
): Promise<Verification> {
  const { version } = await getVersionItem(store, context.tenant, name, ref);
  requireSigned(name, version.value);
  const publicKeys = [...(await keys.publicKeysPem())];
  const base = { model: name, version: version.value.number, publicKeys };
  const bundle = await storage.read(version.value.prefix + SIGNATURE_BUNDLE_FILE);
  const verified = verify(bundle, publicKeys);
  if (typeof verified === 'string') return { ...base, verified: false, problems: [verified], files: [] };
  const files = await compareFiles(storage, version.value.prefix, verified);
  const problems = files.filter(({ ok }) => !ok).map(describeProblem);
  if (verified.statementDigest !== version.value.manifest?.statementDigest) {
    problems.push('The signature is not the one that was made when the version was registered.');
  }
  const { statementDigest, keyHint } = verified;
  return { ...base, verified: problems.length === 0, problems, statementDigest, keyHint, files };
}

function requireSigned(name: string, { number, manifest, notServableBecause }: VersionRecord): void {
  if (manifest !== undefined) return;
  throw new ModelVersionNotServableError(
    `Version ${number} of '${name}' is not signed: ${notServableBecause ?? 'it is not READY.'}`,
  );
}

/** The manifest, or a sentence about why the signature does not hold. */
function verify(bundle: Uint8Array | undefined, publicKeys: readonly string[]): VerifiedManifest | string {
  if (bundle === undefined) return `${SIGNATURE_BUNDLE_FILE} is gone.`;
  try {
    return verifyBundle(parseBundle(Buffer.from(bundle).toString()), publicKeys);
  } catch (error) {
    if (error instanceof SignatureRefusedError) return error.message;
    throw error;
  }
}

async function compareFiles(
  storage: ArtifactStorage,
  prefix: string,
  manifest: VerifiedManifest,
): Promise<Verification['files']> {
  const stored = (await storage.list(prefix))
    .map(({ path }) => path)
    .filter((path) => path !== SIGNATURE_BUNDLE_FILE);
  const signed = new Map(manifest.files.map(({ path, sha256 }) => [path, sha256]));
  const paths = [...new Set([...signed.keys(), ...stored])].sort();
  return inParallel(paths, FILES_AT_ONCE, async (path) => {
    const signedSha256 = signed.get(path) ?? null;
    const storedSha256 = (await storage.digest(prefix + path)) ?? null;
    return { path, signedSha256, storedSha256, ok: signedSha256 === storedSha256 };
  });
}

function describeProblem(file: Verification['files'][number]): string {
  if (file.storedSha256 === null) return `${file.path} is gone.`;
  if (file.signedSha256 === null) return `${file.path} was not there when the version was signed.`;
  return `${file.path} was changed after it was signed.`;
}

/** Addresses to download a version's files from, the signature included. */
export async function listModelVersionFiles(
  { store, storage }: Pick<VerifyDeps, 'store' | 'storage'>,
  context: CallContext,
  { name, ref }: VersionName,
): Promise<VersionFiles> {
  const { version } = await getVersionItem(store, context.tenant, name, ref);
  const { prefix } = version.value;
  const expiresAt = new Date(context.nowMs + LINK_SECONDS * 1000).toISOString();
  const items = await Promise.all(
    (await storage.list(prefix)).map(async ({ path, bytes }) => {
      const url = await storage.presignGet(prefix + path, { expiresInSeconds: LINK_SECONDS });
      return { path, bytes, url, expiresAt };
    }),
  );
  return { items };
}
