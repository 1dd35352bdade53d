import { copyFile, mkdir, readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ArtifactPlace } from './artifact-places.ts';
import { MlflowError } from './mlflow-error.ts';
import type { FileInfo } from './wire.ts';

/** Artifacts in a folder that this machine can reach. */
export function diskPlace(root: string): ArtifactPlace {
  return {
    list: (folder) => listFolder(join(root, folder)),
    download: (path, file) => refusing(() => copyFile(join(root, path), file)),
    upload: (path, file) =>
      refusing(async () => {
        const to = join(root, path);
        await mkdir(dirname(to), { recursive: true });
        await copyFile(file, to);
      }),
  };
}

/** A file that may not be read or written is that file's problem, as if a server had refused it. */
async function refusing(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    if (!['EACCES', 'EPERM', 'ENOENT', 'EROFS'].includes(code)) throw error;
    throw new MlflowError(message, 400, code);
  }
}

async function listFolder(folder: string): Promise<FileInfo[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    // A run that logged no artifact has no folder.
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return Promise.all(
    entries.map(async (entry) =>
      entry.isDirectory()
        ? { path: entry.name, is_dir: true }
        : { path: entry.name, is_dir: false, file_size: (await stat(join(folder, entry.name))).size },
    ),
  );
}
