import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ArtifactStorage } from '../../domain/registry/ports.ts';

/** A folder of Lambda's /tmp for one piece of work; an environment is reused, so it is removed afterwards. */
export interface WorkFolder {
  readonly path: string;
  /** Downloads an object; undefined when it is not there. */
  fetch(storage: ArtifactStorage, key: string, name: string): Promise<string | undefined>;
  file(name: string): string;
}

/** Runs the work in a folder of its own and removes the folder whatever happens. */
export async function withWorkFolder<T>(work: (folder: WorkFolder) => Promise<T>): Promise<T> {
  const path = join('/tmp', `work-${randomUUID()}`);
  await mkdir(path, { recursive: true });
  const file = (name: string) => join(path, name);
  const fetch = async (storage: ArtifactStorage, key: string, name: string) => {
    const bytes = await storage.read(key);
    if (bytes === undefined) return undefined;
    await mkdir(dirname(file(name)), { recursive: true });
    await writeFile(file(name), bytes);
    return file(name);
  };
  try {
    return await work({ path, file, fetch });
  } finally {
    await rm(path, { recursive: true, force: true });
  }
}

/** Uploads a file and tells what was uploaded. */
export async function uploadFile(
  storage: ArtifactStorage,
  file: string,
  key: string,
): Promise<{ bytes: number; sha256: string }> {
  await storage.write(key, await readFile(file));
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Uint8Array);
  return { bytes: (await stat(file)).size, sha256: hash.digest('hex') };
}
