import { createHash } from 'node:crypto';
import type { ArtifactStorage } from '../../domain/registry/ports.ts';

/** The artifact bucket without AWS, for tests of use cases. */
export class MemoryArtifactStorage implements ArtifactStorage {
  readonly objects = new Map<string, Uint8Array>();

  async list(prefix: string) {
    return [...this.objects]
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, bytes]) => ({ path: key.slice(prefix.length), bytes: bytes.length }))
      .sort((a, b) => (a.path < b.path ? -1 : 1));
  }

  async read(key: string) {
    return this.objects.get(key);
  }

  async write(key: string, bytes: Uint8Array) {
    this.objects.set(key, bytes);
  }

  async copy(fromKey: string, toKey: string) {
    const bytes = this.objects.get(fromKey);
    if (bytes === undefined) throw new Error(`There is no object ${fromKey}.`);
    this.objects.set(toKey, bytes);
  }

  async delete(keys: readonly string[]) {
    for (const key of keys) this.objects.delete(key);
  }

  async digest(key: string) {
    const bytes = this.objects.get(key);
    return bytes === undefined ? undefined : createHash('sha256').update(bytes).digest('hex');
  }

  async presignPut(key: string) {
    return { url: `memory:///${key}`, headers: {} };
  }

  async presignGet(key: string) {
    return `memory:///${key}`;
  }
}
