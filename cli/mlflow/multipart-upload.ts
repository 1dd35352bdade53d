import { MlflowError } from './mlflow-error.ts';
import type { MlflowServer } from './mlflow-server.ts';
import { escapePath } from './save-body.ts';
import type { FileRange } from './send-file.ts';

interface Credential {
  readonly url: string;
  readonly part_number: number;
  readonly headers?: Readonly<Record<string, string>>;
}

interface Begun {
  readonly upload_id: string;
  readonly credentials: readonly Credential[];
}

const MPU = '/api/2.0/mlflow-artifacts/mpu';
/** MLflow's own; S3 wants 5 MiB at least. */
const PART_BYTES = 10 * 1024 * 1024;
/** S3 takes 10,000 parts, and the answer with their addresses must not pass a function's 6 MB. */
const MAX_PARTS = 2_000;
const PARTS_AT_A_TIME = 4;

/** Servers whose storage knows no uploads in parts; they are asked once. */
const withoutMultipart = new WeakSet<MlflowServer>();

/** Sends a file in parts to presigned addresses; false when the server does not offer that. */
export async function uploadInParts(
  server: MlflowServer,
  folder: string,
  name: string,
  file: FileRange,
): Promise<boolean> {
  if (withoutMultipart.has(server)) return false;
  const partBytes = Math.max(PART_BYTES, Math.ceil(file.bytes / MAX_PARTS));
  const count = Math.ceil(file.bytes / partBytes);
  const begun = await begin(server, folder, name, count);
  if (begun === undefined) return false;
  const { upload_id } = begun;
  try {
    const parts = await sendParts(server, begun, file, partBytes);
    await call(server, 'complete', folder, { path: name, upload_id, parts });
  } catch (error) {
    await call(server, 'abort', folder, { path: name, upload_id }).catch(() => {
      // What stopped the upload is told; parts that stay behind are the storage's to expire.
    });
    throw error;
  }
  return true;
}

async function begin(
  server: MlflowServer,
  folder: string,
  path: string,
  num_parts: number,
): Promise<Begun | undefined> {
  try {
    return (await call(server, 'create', folder, { path, num_parts })) as Begun;
  } catch (error) {
    if (!(error instanceof MlflowError && error.isEndpointAbsent)) throw error;
    withoutMultipart.add(server);
    return undefined;
  }
}

async function sendParts(server: MlflowServer, { credentials }: Begun, file: FileRange, partBytes: number) {
  const parts: { part_number: number; etag: string; url: string }[] = [];
  const queue = [...credentials];
  const sendNext = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const { url, part_number, headers = {} } = next;
      const start = (part_number - 1) * partBytes;
      const part = { path: file.path, start, bytes: Math.min(partBytes, file.bytes - start) };
      const etag = await server.transfer(new URL(url), { file: part, headers }, async (response) => {
        await response.arrayBuffer();
        return response.headers.get('etag') ?? '';
      });
      parts.push({ part_number, etag, url });
    }
  };
  await Promise.all(Array.from({ length: PARTS_AT_A_TIME }, sendNext));
  return parts.sort((a, b) => a.part_number - b.part_number);
}

function call(server: MlflowServer, step: string, folder: string, body: object): Promise<unknown> {
  const path = folder === '' ? `${MPU}/${step}` : `${MPU}/${step}/${escapePath(folder)}`;
  return server.send(path, { method: 'POST', body }, (response) => response.json());
}
