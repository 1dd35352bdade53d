import { createHash } from 'node:crypto';
import type {
  ArtifactFiles,
  CompleteOutcome,
  FolderEntry,
  PresignedDownload,
  UploadedPart,
} from '../../domain/tracking/artifacts/ports.ts';

interface Upload {
  readonly key: string;
  readonly parts: Map<number, Uint8Array>;
}

/** The files of runs without AWS, for tests of use cases; the contract suite holds it to the S3 adapter. */
export class MemoryArtifactFiles implements ArtifactFiles {
  readonly objects = new Map<string, Uint8Array>();
  readonly mediaTypes = new Map<string, string>();
  readonly uploads = new Map<string, Upload>();
  readonly #completed = new Map<string, string>();

  async listFolder(prefix: string) {
    const entries = new Map<string, FolderEntry>();
    for (const [key, content] of this.objects) {
      if (!key.startsWith(prefix) || key === prefix) continue;
      const [name = '', ...below] = key.slice(prefix.length).split('/');
      entries.set(name, { name, bytes: below.length === 0 ? content.length : undefined });
    }
    return [...entries.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  async find(key: string) {
    const content = this.objects.get(key);
    return content && { bytes: content.length, etag: md5(content) };
  }

  async read(key: string, maxBytes: number) {
    const content = this.objects.get(key);
    if (content === undefined) return undefined;
    const isSmall = maxBytes > 0 && content.length <= maxBytes;
    return { bytes: content.length, content: isSmall ? content : undefined };
  }

  async write(key: string, content: Uint8Array, mediaType: string) {
    this.objects.set(key, content);
    this.mediaTypes.set(key, mediaType);
  }

  async deleteTree(key: string) {
    for (const each of [...this.objects.keys()]) {
      if (each === key || each.startsWith(`${key}/`)) this.objects.delete(each);
    }
  }

  async presignDownload(key: string, { mediaType, disposition }: PresignedDownload) {
    return `memory:///${key}?${new URLSearchParams({ mediaType, disposition })}`;
  }

  async presignUpload(key: string) {
    return `memory:///${key}`;
  }

  async startUpload(key: string, mediaType: string) {
    const uploadId = `upload-${this.uploads.size + 1}`;
    this.uploads.set(uploadId, { key, parts: new Map() });
    this.mediaTypes.set(key, mediaType);
    return uploadId;
  }

  async presignParts(key: string, uploadId: string, { count }: { readonly count: number }) {
    return Array.from(
      { length: count },
      (_, i) => `memory:///${key}?uploadId=${uploadId}&partNumber=${i + 1}`,
    );
  }

  /** What a client's PUT at a presigned address does; gives the ETag. */
  putPart(url: string, content: Uint8Array): string {
    const query = new URL(url).searchParams;
    const upload = this.uploads.get(query.get('uploadId') ?? '');
    if (upload === undefined) throw new Error('There is no such upload.');
    upload.parts.set(Number(query.get('partNumber')), content);
    return `"${md5(content)}"`;
  }

  async completeUpload(
    key: string,
    uploadId: string,
    parts: readonly UploadedPart[],
  ): Promise<CompleteOutcome> {
    if (this.#completed.get(uploadId) === key) return { state: 'completed' };
    const upload = this.uploads.get(uploadId);
    if (upload === undefined) return { state: 'absent' };
    const contents = parts.map(({ partNumber }) => upload.parts.get(partNumber));
    if (contents.includes(undefined)) return { state: 'refused', reason: 'A part is not there.' };
    this.objects.set(key, Buffer.concat(contents as Uint8Array[]));
    this.uploads.delete(uploadId);
    this.#completed.set(uploadId, key);
    return { state: 'completed' };
  }

  async abortUpload(_key: string, uploadId: string) {
    this.uploads.delete(uploadId);
  }
}

function md5(content: Uint8Array): string {
  return createHash('md5').update(content).digest('hex');
}
