import { RefusedError } from '../../shared/domain-error.ts';
import { InvalidParameterError } from '../errors.ts';
import { baseName, checkArtifactPath, joinPath } from './artifact-path.ts';
import { UploadNotFoundError } from './errors.ts';
import { guessMediaType } from './media-type.ts';
import type { ArtifactFiles, UploadedPart } from './ports.ts';
import type { ArtifactPlace } from './require-artifact-access.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
const MAX_PARTS = 10_000;
/** All addresses are given at once and the last part may be hours away; a function's credentials end before that. */
const PART_SECONDS = 12 * 3600;
/** Lambda takes and gives 6 MB, and MLflow's client sends each part's address back when it completes. */
const MAX_ADDRESS_BYTES = 5.5 * 1024 ** 2;
/** What stands around an address in a request, escaped: number, ETag, names. */
const BYTES_AROUND = 140;

export interface StartedUpload {
  readonly upload_id: string;
  readonly credentials: readonly {
    readonly url: string;
    readonly part_number: number;
    readonly headers: Readonly<Record<string, string>>;
  }[];
}

/**
 * The path of the file within the artifacts: the client tells the folder, and the file by the path that it has on
 * the client's own disk, of which only the name counts.
 */
export function toUploadPath(folder: string, localPath: string): string {
  const isWindows = /^(?:[a-z]:|\\\\)/i.test(localPath) || !localPath.includes('/');
  const name = baseName(isWindows ? localPath.replaceAll('\\', '/') : localPath);
  if (name === '') throw new InvalidParameterError('Artifact path must include a filename.');
  return joinPath(checkArtifactPath(folder), name);
}

/** @throws InvalidParameterError, RefusedError when the parts are too many */
export async function startUpload(
  files: ArtifactFiles,
  { path, key }: ArtifactPlace,
  parts: number,
): Promise<StartedUpload> {
  if (parts < 1 || parts > MAX_PARTS) {
    throw new InvalidParameterError(`num_parts must be between 1 and ${MAX_PARTS} (got ${parts}).`);
  }
  const uploadId = await files.startUpload(key, guessMediaType(path));
  try {
    const sign = (count: number) =>
      files.presignParts(key, uploadId, { count, expiresInSeconds: PART_SECONDS });
    const [first = ''] = await sign(1);
    checkAddresses(first, parts);
    const urls = await sign(parts);
    return {
      upload_id: uploadId,
      credentials: urls.map((url, index) => ({ url, part_number: index + 1, headers: {} })),
    };
  } catch (error) {
    await files.abortUpload(key, uploadId);
    throw error;
  }
}

function checkAddresses(url: string, parts: number): void {
  const most = Math.floor(MAX_ADDRESS_BYTES / (url.length + BYTES_AROUND));
  if (parts <= most) return;
  const factor = Math.ceil(parts / most);
  throw new RefusedError(
    `${parts} parts are too many for one answer, which holds ${most}. Make them larger: multiply ` +
      `MLFLOW_MULTIPART_UPLOAD_CHUNK_SIZE (10485760 when it is not set) by ${factor} or more.`,
  );
}

/** @throws UploadNotFoundError, RefusedError when the storage does not take the parts */
export async function completeUpload(
  files: ArtifactFiles,
  { key }: ArtifactPlace,
  uploadId: string,
  parts: readonly UploadedPart[],
): Promise<void> {
  const ordered = [...parts].sort((a, b) => a.partNumber - b.partNumber);
  const outcome = await files.completeUpload(key, uploadId, ordered);
  if (outcome.state === 'refused')
    throw new RefusedError(`The upload cannot be completed: ${outcome.reason}`);
  if (outcome.state === 'absent') throw new UploadNotFoundError(uploadId);
}
