import { type CallContext, isoTime } from '../shared/call-context.ts';
import { inParallel } from '../shared/in-parallel.ts';
import { buildBundle, computeKeyHint, pae } from '../shared/signing/bundle.ts';
import { buildManifest } from '../shared/signing/manifest.ts';
import { buildStatement, computeStatementDigest } from '../shared/signing/statement.ts';
import type { VersionRecord } from './model-records.ts';
import type { ArtifactStorage, Signer } from './ports.ts';

/** More streams at once than this only share the same bandwidth. */
export const FILES_AT_ONCE = 8;

/** The OpenSSF bundle beside the files it covers. */
export const SIGNATURE_BUNDLE_FILE = 'model.sig';

/**
 * Signs every file below the prefix and writes `model.sig` beside them.
 *
 * @param name how the statement calls the model: `<model>/<version>`
 */
export async function signFiles(
  { storage, signer }: { storage: ArtifactStorage; signer: Signer },
  context: CallContext,
  { prefix, name }: { prefix: string; name: string },
): Promise<NonNullable<VersionRecord['manifest']>> {
  const stored = (await storage.list(prefix)).filter(({ path }) => path !== SIGNATURE_BUNDLE_FILE);
  const bytes = new Map(stored.map((file) => [file.path, file.bytes]));
  const digests = await inParallel(stored, FILES_AT_ONCE, async ({ path }) => ({
    path,
    sha256: (await storage.digest(prefix + path)) ?? '',
  }));
  const manifest = buildManifest(digests);
  const statement = buildStatement(name, manifest);
  const [publicKey, signature] = await Promise.all([signer.publicKeyPem(), signer.sign(pae(statement))]);
  const bundle = buildBundle(statement, signature, publicKey);
  await storage.write(prefix + SIGNATURE_BUNDLE_FILE, Buffer.from(bundle), 'application/json');
  return {
    files: manifest.files.map((file) => ({ ...file, bytes: bytes.get(file.path) ?? 0 })),
    rootDigest: manifest.rootDigest,
    statementDigest: computeStatementDigest(statement),
    keyHint: computeKeyHint(publicKey),
    signedAt: isoTime(context),
  };
}
