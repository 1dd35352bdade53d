import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryArtifactFiles } from '../../../../../adapters/memory/memory-artifact-files.ts';
import {
  completeUpload,
  startUpload,
  toUploadPath,
} from '../../../../../domain/tracking/artifacts/multipart-upload.ts';

const place = { path: '0/r/artifacts/x.bin', key: 'tenants/acme/experiments/0/r/artifacts/x.bin' };
let files: MemoryArtifactFiles;

beforeEach(() => {
  files = new MemoryArtifactFiles();
});

describe('toUploadPath', () => {
  it.each([
    ['0/r/artifacts', '/home/me/x.bin', '0/r/artifacts/x.bin'],
    ['0/r/artifacts/', 'x.bin', '0/r/artifacts/x.bin'],
    ['', './x.bin', 'x.bin'],
    ['0/r', 'C:\\work\\x.bin', '0/r/x.bin'],
    ['0/r', '/home/me/a\\b', '0/r/a\\b'],
  ])('in folder %o of %s is %s', (folder, localPath, path) => {
    expect(toUploadPath(folder, localPath)).toBe(path);
  });

  it('needs a name', () => {
    expect(() => toUploadPath('0/r', '/home/me/')).toThrow('must include a filename');
  });
});

describe('an upload in parts', () => {
  it('gives an address for each part and puts them together, in whatever order they are named', async () => {
    const { upload_id, credentials } = await startUpload(files, place, 2);
    const [first, second] = credentials;
    const etags = [files.putPart(first!.url, Buffer.from('a')), files.putPart(second!.url, Buffer.from('b'))];

    await completeUpload(files, place, upload_id, [
      { partNumber: 2, etag: etags[1]! },
      { partNumber: 1, etag: etags[0]! },
    ]);

    expect(credentials.map(({ part_number, headers }) => [part_number, headers])).toEqual([
      [1, {}],
      [2, {}],
    ]);
    expect(files.objects.get(place.key)).toEqual(Buffer.from('ab'));
    expect(files.mediaTypes.get(place.key)).toBe('application/octet-stream');
  });

  it.each([0, -1, 10_001])('refuses %i parts', async (parts) => {
    await expect(startUpload(files, place, parts)).rejects.toThrow('num_parts must be between 1 and 10000');
  });

  it('refuses parts whose addresses do not fit into one answer, and keeps no upload', async () => {
    const long = { ...place, key: `${place.key}${'x'.repeat(1500)}` };

    const upload = startUpload(files, long, 10_000);

    await expect(upload).rejects.toThrow(/MLFLOW_MULTIPART_UPLOAD_CHUNK_SIZE.* by 3 or more/);
    expect(files.uploads.size).toBe(0);
  });

  it('says why parts cannot be put together', async () => {
    const { upload_id } = await startUpload(files, place, 1);

    const completed = completeUpload(files, place, upload_id, [{ partNumber: 1, etag: 'x' }]);

    await expect(completed).rejects.toThrow('The upload cannot be completed: A part is not there.');
  });

  it('is not found once it was aborted', async () => {
    const { upload_id } = await startUpload(files, place, 1);
    await files.abortUpload(place.key, upload_id);

    const completed = completeUpload(files, place, upload_id, [{ partNumber: 1, etag: 'x' }]);

    await expect(completed).rejects.toThrow(`There is no multipart upload with id '${upload_id}'`);
  });
});
