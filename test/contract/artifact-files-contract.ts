import { describe, expect, it } from 'vitest';
import type { ArtifactFiles } from '../../domain/tracking/artifacts/ports.ts';

export interface ArtifactFilesSubject {
  readonly files: ArtifactFiles;
  /** A prefix that nobody else uses, with a slash at its end. */
  readonly prefix: string;
  /** PUTs a part at its presigned address and gives the ETag of the answer. */
  readonly putPart: (url: string, content: Uint8Array) => Promise<string>;
}

const FIVE_MB = 5 * 1024 ** 2;

/** What use cases rely on, for S3 and for what stands for it in unit tests. */
export function describeArtifactFiles(name: string, subject: () => ArtifactFilesSubject): void {
  describe(`${name} as files of runs`, () => {
    it('reads what was written, and only its size when it is larger than asked for', async () => {
      const { files, prefix } = subject();
      const key = `${prefix}read/é ü+%.txt`;
      await files.write(key, Buffer.from('hello'), 'text/plain');

      const read = await files.read(key, 5);
      expect([read?.bytes, Buffer.from(read?.content ?? []).toString()]).toEqual([5, 'hello']);
      expect(await files.read(key, 4)).toEqual({ bytes: 5, content: undefined });
      expect(await files.read(key, 0)).toEqual({ bytes: 5, content: undefined });
      expect((await files.find(key))?.bytes).toBe(5);
    });

    it('finds nothing where nothing is, or only a longer name', async () => {
      const { files, prefix } = subject();
      await files.write(`${prefix}absent/abc`, Buffer.from('x'), 'text/plain');

      expect(await files.find(`${prefix}absent/ab`)).toBeUndefined();
      expect(await files.read(`${prefix}absent/ab`, 5)).toBeUndefined();
      expect(await files.read(`${prefix}absent/ab`, 0)).toBeUndefined();
    });

    it("lists a folder's direct children by name", async () => {
      const { files, prefix } = subject();
      for (const path of ['list/b.txt', 'list/a/x/y', 'list/a-b/z', 'list/c/d', 'lists/e']) {
        await files.write(prefix + path, Buffer.from(path), 'text/plain');
      }

      expect(await files.listFolder(`${prefix}list/`)).toEqual([
        { name: 'a', bytes: undefined },
        { name: 'a-b', bytes: undefined },
        { name: 'b.txt', bytes: 10 },
        { name: 'c', bytes: undefined },
      ]);
      expect(await files.listFolder(`${prefix}list/b.txt/`)).toEqual([]);
      expect(await files.listFolder(`${prefix}none/`)).toEqual([]);
    });

    it('deletes a file and all below it as a folder, and no neighbours', async () => {
      const { files, prefix } = subject();
      for (const path of ['tree', 'tree/a', 'tree/b/c', 'trees']) {
        await files.write(prefix + path, Buffer.from('x'), 'text/plain');
      }

      await files.deleteTree(`${prefix}tree`);
      await files.deleteTree(`${prefix}tree`);

      expect(await files.find(`${prefix}tree`)).toBeUndefined();
      expect(await files.listFolder(`${prefix}tree/`)).toEqual([]);
      expect(await files.find(`${prefix}trees`)).toBeDefined();
    });

    it('puts parts together, and says so again when it is asked again', async () => {
      const { files, prefix, putPart } = subject();
      const key = `${prefix}upload/x.bin`;
      const uploadId = await files.startUpload(key, 'application/octet-stream');
      const [first = '', second = ''] = await files.presignParts(key, uploadId, {
        count: 2,
        expiresInSeconds: 60,
      });
      const parts = [
        { partNumber: 1, etag: await putPart(first, Buffer.alloc(FIVE_MB, 1)) },
        { partNumber: 2, etag: await putPart(second, Buffer.from('end')) },
      ];

      expect(await files.find(key)).toBeUndefined();
      expect(await files.completeUpload(key, uploadId, parts)).toEqual({ state: 'completed' });
      expect(await files.completeUpload(key, uploadId, parts)).toEqual({ state: 'completed' });
      expect((await files.find(key))?.bytes).toBe(FIVE_MB + 3);
    });

    it('refuses parts that are not there, and goes on with the upload', async () => {
      const { files, prefix } = subject();
      const key = `${prefix}refused/x.bin`;
      const uploadId = await files.startUpload(key, 'application/octet-stream');

      const outcome = await files.completeUpload(key, uploadId, [{ partNumber: 1, etag: 'a'.repeat(32) }]);

      expect(outcome).toMatchObject({ state: 'refused' });
      await files.abortUpload(key, uploadId);
    });

    it('drops an upload, once or twice', async () => {
      const { files, prefix } = subject();
      const key = `${prefix}aborted/x.bin`;
      const uploadId = await files.startUpload(key, 'application/octet-stream');

      await files.abortUpload(key, uploadId);
      await files.abortUpload(key, uploadId);

      const outcome = await files.completeUpload(key, uploadId, [{ partNumber: 1, etag: 'a'.repeat(32) }]);
      expect(outcome).toEqual({ state: 'absent' });
    });
  });
}
