import type { ArtifactFiles } from './ports.ts';

/** MLflow's FileInfo: a folder has no size. */
export interface FileInfo {
  readonly path: string;
  readonly is_dir: boolean;
  readonly file_size?: number;
}

/** What lies directly in a folder, by path; nothing when there is no such folder, or when it is a file. */
export async function listArtifacts(
  files: ArtifactFiles,
  key: string,
  /** Put before each name: MLflow names files of a run by their path below its artifacts. */
  below = '',
): Promise<FileInfo[]> {
  const entries = await files.listFolder(`${key.replace(/\/+$/, '')}/`);
  return entries.map(({ name, bytes }) => {
    const path = below === '' ? name : `${below}/${name}`;
    return bytes === undefined ? { path, is_dir: true } : { path, is_dir: false, file_size: bytes };
  });
}
