import type { CallContext } from '../../shared/call-context.ts';
import { InvalidParameterError } from '../errors.ts';

export interface ArtifactFile {
  /** Path below the listed prefix. */
  readonly path: string;
  readonly bytes: number;
}

/** MLflow's FileInfo. */
export interface FileInfo {
  readonly path: string;
  readonly is_dir: boolean;
  readonly file_size?: number;
}

/** Where a tenant's artifact lies: the tenant is in front of every key, so no path leads to another's. */
export function toArtifactKey(context: Pick<CallContext, 'tenant'>, path: string): string {
  return `tenants/${context.tenant}/experiments/${checkArtifactPath(path)}`;
}

/** The path below `mlflow-artifacts:/` of a run's artifact. */
export function toRunArtifactPath(artifactUri: string, path: string | undefined): string {
  const root = artifactUri.replace(/^mlflow-artifacts:\/+/, '');
  return path === undefined || path === '' ? root : `${root}/${path}`;
}

/** @throws InvalidParameterError for paths that are absolute, climb, or hide doing so in escapes */
export function checkArtifactPath(path: string): string {
  let decoded = path;
  for (let i = 0; i < 3; i++) decoded = decodeOnce(decoded);
  const climbs = decoded.split(/[/\\]/).some((part) => part === '..');
  const hidden = [...decoded].some((character) => character.charCodeAt(0) < 32) || decoded.includes('#');
  if (climbs || hidden || decoded.startsWith('/') || decoded.includes('\\')) {
    throw new InvalidParameterError('Invalid path');
  }
  return path;
}

function decodeOnce(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    // A stray percent sign is part of a name, not an escape.
    return path;
  }
}

/** A folder's direct children out of all files below it, folders first made from paths, sorted by name. */
export function listFolder(files: readonly ArtifactFile[]): FileInfo[] {
  const entries = new Map<string, FileInfo>();
  for (const { path, bytes } of files) {
    const [name = '', ...rest] = path.split('/');
    const info =
      rest.length === 0 ? { path: name, is_dir: false, file_size: bytes } : { path: name, is_dir: true };
    entries.set(name, info);
  }
  return [...entries.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}
