import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryArtifactFiles } from '../../../../../adapters/memory/memory-artifact-files.ts';
import { listArtifacts } from '../../../../../domain/tracking/artifacts/list-artifacts.ts';
import {
  MAX_PROXIED_BYTES,
  presignArtifact,
  serveArtifact,
  uploadArtifact,
} from '../../../../../domain/tracking/artifacts/transfer-artifact.ts';

const place = (path: string) => ({ path, key: `tenants/acme/experiments/${path}` });
const file = place('0/abc/artifacts/plots/a.png');
let files: MemoryArtifactFiles;

beforeEach(() => {
  files = new MemoryArtifactFiles();
});

describe('a small artifact', () => {
  it('passes through with the type of its name, as an attachment', async () => {
    await uploadArtifact(files, file, Buffer.from('png'));

    const served = await serveArtifact(files, file, { mayServeContent: true });

    expect(served).toEqual({
      content: Buffer.from('png'),
      headers: {
        'content-type': 'image/png',
        'content-disposition': 'attachment; filename=a.png',
        'x-content-type-options': 'nosniff',
      },
    });
  });

  it('is left to the storage when a range of it is asked for', async () => {
    await uploadArtifact(files, file, Buffer.from('png'));

    const served = await serveArtifact(files, file, { mayServeContent: false });

    expect(served.content).toBeUndefined();
    expect(served.headers.location).toContain('mediaType=image%2Fpng&disposition=attachment');
  });
});

describe('a large artifact', () => {
  it('is refused on the way in, with what to set', async () => {
    const upload = uploadArtifact(files, file, Buffer.alloc(MAX_PROXIED_BYTES + 1));

    await expect(upload).rejects.toMatchObject({ status: 413, code: 'INVALID_PARAMETER_VALUE' });
    await expect(upload).rejects.toThrow('MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE=1048576');
    expect(files.objects.size).toBe(0);
  });

  it('is redirected on the way out', async () => {
    files.objects.set(file.key, Buffer.alloc(MAX_PROXIED_BYTES + 1));

    const served = await serveArtifact(files, file, { mayServeContent: true });

    expect(served.content).toBeUndefined();
    expect(served.headers).toHaveProperty('location');
  });

  it('is presigned with its size, for clients that fetch ranges', async () => {
    files.objects.set(file.key, Buffer.alloc(5));

    const target = await presignArtifact(files, file);

    expect(target).toMatchObject({ headers: {}, file_size: 5 });
  });
});

describe('an absent artifact', () => {
  it.each([serveArtifact, presignArtifact])("is not found, in MLflow's words: %o", async (get) => {
    await expect(get(files, file, { mayServeContent: true })).rejects.toThrow(
      "No such artifact: '0/abc/artifacts/plots/a.png'",
    );
  });

  it('is told from a folder', async () => {
    await uploadArtifact(files, file, Buffer.from('png'));

    const folder = serveArtifact(files, place('0/abc/artifacts/plots'), { mayServeContent: true });

    await expect(folder).rejects.toThrow("refers to a directory, not a file: '0/abc/artifacts/plots'");
  });
});

describe('a list of artifacts', () => {
  it('has the direct children, folders without a size', async () => {
    await uploadArtifact(files, place('0/r/b.txt'), Buffer.from('b'));
    await uploadArtifact(files, place('0/r/a/x/y.txt'), Buffer.from('y'));

    expect(await listArtifacts(files, place('0/r').key)).toEqual([
      { path: 'a', is_dir: true },
      { path: 'b.txt', is_dir: false, file_size: 1 },
    ]);
    expect(await listArtifacts(files, place('0/r/a').key, 'a')).toEqual([{ path: 'a/x', is_dir: true }]);
  });

  it('is empty for a file and for nothing', async () => {
    await uploadArtifact(files, place('0/r/b.txt'), Buffer.from('b'));

    expect(await listArtifacts(files, place('0/r/b.txt').key)).toEqual([]);
    expect(await listArtifacts(files, place('0/r/none').key)).toEqual([]);
  });
});
