import { InvalidParameterError } from '../errors.ts';
import { baseName } from './artifact-path.ts';
import { toAttachment } from './content-disposition.ts';
import { ArtifactNotFoundError, ArtifactTooLargeError } from './errors.ts';
import { guessMediaType } from './media-type.ts';
import type { ArtifactFiles } from './ports.ts';
import type { ArtifactPlace } from './require-artifact-access.ts';

/** Lambda takes and gives 6 MB of JSON, in which bytes are base64: 4.5 MB, less headers and a margin. */
export const MAX_PROXIED_BYTES = 4 * 1024 ** 2;
/** A redirect is followed at once. */
const REDIRECT_SECONDS = 300;
/** Clients ask for a new address when one has expired (mlflow/store/artifact/http_artifact_repo.py). */
const DOWNLOAD_SECONDS = 3600;

export interface ServedArtifact {
  readonly headers: Record<string, string>;
  /** Undefined when the headers redirect to the storage. */
  readonly content: Uint8Array | undefined;
}

/** A small file itself, or a redirect to a large one. */
export async function serveArtifact(
  files: ArtifactFiles,
  { path, key }: ArtifactPlace,
  options: { readonly mayServeContent: boolean },
): Promise<ServedArtifact> {
  const found = await files.read(key, options.mayServeContent ? MAX_PROXIED_BYTES : 0);
  if (found === undefined) throw await explainAbsence(files, { path, key });
  const { mediaType, disposition } = describeFile(path);
  const headers = { 'x-content-type-options': 'nosniff' };
  if (found.content === undefined) {
    const expiresInSeconds = REDIRECT_SECONDS;
    const location = await files.presignDownload(key, { expiresInSeconds, mediaType, disposition });
    return { headers: { ...headers, location }, content: undefined };
  }
  return {
    headers: { ...headers, 'content-type': mediaType, 'content-disposition': disposition },
    content: found.content,
  };
}

export interface DownloadTarget {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly file_size: number;
}

/** An address to download a file from, for clients that fetch ranges side by side. */
export async function presignArtifact(
  files: ArtifactFiles,
  { path, key }: ArtifactPlace,
): Promise<DownloadTarget> {
  const found = await files.find(key);
  if (found === undefined) throw await explainAbsence(files, { path, key });
  const options = { expiresInSeconds: DOWNLOAD_SECONDS, ...describeFile(path) };
  return { url: await files.presignDownload(key, options), headers: {}, file_size: found.bytes };
}

/** @throws ArtifactTooLargeError, InvalidParameterError for a path without a file's name */
export async function uploadArtifact(
  files: ArtifactFiles,
  { path, key }: ArtifactPlace,
  content: Uint8Array,
): Promise<void> {
  requireFileName(path);
  checkProxiedSize(content.length);
  await files.write(key, content, guessMediaType(path));
}

/**
 * The same for bytes that did not arrive as they were sent: where the client sends them again, to the storage.
 *
 * @throws InvalidParameterError for a path without a file's name
 */
export async function redirectUpload(files: ArtifactFiles, { path, key }: ArtifactPlace): Promise<string> {
  requireFileName(path);
  return files.presignUpload(key, REDIRECT_SECONDS);
}

function requireFileName(path: string): void {
  if (path === '') throw new InvalidParameterError('Artifact path must include a filename.');
}

/** @throws ArtifactTooLargeError that says which variables send larger files to the storage directly */
export function checkProxiedSize(bytes: number): void {
  if (bytes <= MAX_PROXIED_BYTES) return;
  throw new ArtifactTooLargeError(
    `The artifact has ${bytes} bytes, and the API takes up to ${MAX_PROXIED_BYTES}. Let MLflow's client send ` +
      'larger files to the storage in parts: set MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE=1048576 and ' +
      'MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD=true (`npx perennial login` prints all variables).',
  );
}

function describeFile(path: string): { readonly mediaType: string; readonly disposition: string } {
  return { mediaType: guessMediaType(path), disposition: toAttachment(baseName(path)) };
}

async function explainAbsence(files: ArtifactFiles, { path, key }: ArtifactPlace): Promise<Error> {
  const below = await files.listFolder(`${key}/`);
  if (below.length === 0) return new ArtifactNotFoundError(path);
  return new InvalidParameterError(`Artifact path refers to a directory, not a file: '${path}'`);
}
