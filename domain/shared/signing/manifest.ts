import { createHash } from 'node:crypto';
import { type FieldError, InvalidInputError } from '../domain-error.ts';

/** One file of a model version: path relative to the version's folder, SHA-256 in lower-case hex. */
export interface ManifestFile {
  readonly path: string;
  readonly sha256: string;
}

/** Every file that a signature covers, in the order of the format, with one digest over all of them. */
export interface Manifest {
  readonly files: readonly ManifestFile[];
  /** SHA-256 over the files' digests in their order, in hex: the in-toto subject's digest. */
  readonly rootDigest: string;
}

const SHA256_HEX = /^[0-9a-f]{64}$/;

/** Checks and sorts the files; throws InvalidInputError for unsafe or repeated paths and malformed digests. */
export function buildManifest(files: readonly ManifestFile[]): Manifest {
  const errors = files.flatMap((file, index) => checkFile(file, index, files));
  if (files.length === 0) errors.push({ path: 'files', message: 'must name at least one file' });
  if (errors.length > 0) throw new InvalidInputError('The files of a manifest are not valid.', errors);

  const sorted = files.map(({ path, sha256 }) => ({ path, sha256 })).sort(byPathSegments);
  return { files: sorted, rootDigest: computeRootDigest(sorted) };
}

/** The digest over all files' digests, in the order given. */
export function computeRootDigest(files: readonly ManifestFile[]): string {
  const hash = createHash('sha256');
  for (const file of files) hash.update(Buffer.from(file.sha256, 'hex'));
  return hash.digest('hex');
}

function checkFile(file: ManifestFile, index: number, files: readonly ManifestFile[]): FieldError[] {
  const errors: FieldError[] = [];
  if (!isSafePath(file.path)) {
    errors.push({
      path: `files[${index}].path`,
      message: 'must be a relative path without . or .. segments',
    });
  }
  if (files.findIndex((other) => other.path === file.path) !== index) {
    errors.push({ path: `files[${index}].path`, message: `names '${file.path}' a second time` });
  }
  if (!SHA256_HEX.test(file.sha256)) {
    errors.push({ path: `files[${index}].sha256`, message: 'must be 64 lower-case hexadecimal digits' });
  }
  return errors;
}

/** A path that stays inside its folder on every operating system. */
export function isSafePath(path: string): boolean {
  if (path.length === 0 || path.includes('\\') || path.includes('\0')) return false;
  return path.split('/').every((segment) => segment !== '' && segment !== '.' && segment !== '..');
}

/** The Python package sorts paths segment by segment (`pathlib` order), not as plain strings. */
function byPathSegments(a: ManifestFile, b: ManifestFile): number {
  const [left, right] = [a.path.split('/'), b.path.split('/')];
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const [x, y] = [left[i] as string, right[i] as string];
    if (x !== y) return Buffer.compare(Buffer.from(x), Buffer.from(y));
  }
  return left.length - right.length;
}
