import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { VERSION_FILES } from '../../domain/serving/contract.ts';
import { DomainError } from '../../domain/shared/domain-error.ts';
import { parseBundle, type VerifiedManifest, verifyBundle } from '../../domain/shared/signing/bundle.ts';
import type { ManifestFile } from '../../domain/shared/signing/manifest.ts';
import type { S3Reader } from './s3-reader.ts';

/** A file of the version is not the one that was signed, or the signature is not the pinned one. */
export class ArtifactNotVerifiedError extends DomainError {
  override readonly name = 'ArtifactNotVerifiedError';
  readonly code = 'ARTIFACT_NOT_VERIFIED';
  readonly status = 422;
}

export interface VersionLocation {
  readonly prefix: string;
  /** SHA-256 of the signed statement in hex. */
  readonly manifestDigest: string;
  readonly publicKeysPem: readonly string[];
}

/** Files of a version, each checked against the signed manifest. */
export interface VerifiedVersion {
  readonly manifest: VerifiedManifest;
  /** The model's bytes, or its path when external data had to be laid beside it. */
  readonly model: Uint8Array | string;
  readonly signature: Buffer;
  readonly example: Buffer | undefined;
}

/** Files that are not part of the graph; all others of the manifest are its external data. */
const NOT_GRAPH: ReadonlySet<string> = new Set([
  VERSION_FILES.model,
  VERSION_FILES.signature,
  VERSION_FILES.example,
  VERSION_FILES.profile,
]);

/**
 * Reads a version's files and refuses whatever its signature does not cover.
 *
 * @throws SignatureRefusedError, ArtifactNotVerifiedError, ArtifactUnavailableError
 */
export async function loadVersion(s3: S3Reader, location: VersionLocation): Promise<VerifiedVersion> {
  const prefix = location.prefix.endsWith('/') ? location.prefix : `${location.prefix}/`;
  const bundle = parseBundle((await s3.read(prefix + VERSION_FILES.bundle)).toString('utf8'));
  const manifest = verifyBundle(bundle, location.publicKeysPem);
  if (manifest.statementDigest !== location.manifestDigest) {
    throw new ArtifactNotVerifiedError('The signature is not the one that this version was deployed with.');
  }
  const files = new Map(manifest.files.map((file) => [file.path, file]));
  const external = manifest.files.filter(({ path }) => !NOT_GRAPH.has(path));
  const [signature, example, model] = await Promise.all([
    readVerified(s3, prefix, getFile(files, VERSION_FILES.signature)),
    files.has(VERSION_FILES.example)
      ? readVerified(s3, prefix, getFile(files, VERSION_FILES.example))
      : undefined,
    external.length === 0
      ? readVerified(s3, prefix, getFile(files, VERSION_FILES.model))
      : downloadAll(s3, prefix, [getFile(files, VERSION_FILES.model), ...external], manifest.statementDigest),
  ]);
  return { manifest, model, signature, example };
}

function getFile(files: ReadonlyMap<string, ManifestFile>, path: string): ManifestFile {
  const file = files.get(path);
  if (file === undefined) throw new ArtifactNotVerifiedError(`The signed manifest has no '${path}'.`);
  return file;
}

async function readVerified(s3: S3Reader, prefix: string, file: ManifestFile): Promise<Buffer> {
  const bytes = await s3.read(prefix + file.path);
  checkDigest(file, createHash('sha256').update(bytes).digest('hex'));
  return bytes;
}

/** onnxruntime finds external data only beside a model that it opens by path. */
async function downloadAll(
  s3: S3Reader,
  prefix: string,
  files: readonly ManifestFile[],
  digest: string,
): Promise<string> {
  const folder = join(tmpdir(), `perennial-${digest.slice(0, 16)}`);
  await Promise.all(
    files.map(async (file) => {
      const target = join(folder, file.path);
      await mkdir(dirname(target), { recursive: true });
      checkDigest(file, await s3.download(prefix + file.path, target));
    }),
  );
  return join(folder, VERSION_FILES.model);
}

function checkDigest(file: ManifestFile, digest: string): void {
  if (digest === file.sha256) return;
  throw new ArtifactNotVerifiedError(`'${file.path}' was changed after it was signed.`);
}
