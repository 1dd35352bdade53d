import { statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { ArtifactPlace } from './artifact-places.ts';
import { MlflowError } from './mlflow-error.ts';
import type { MlflowServer } from './mlflow-server.ts';
import { uploadInParts } from './multipart-upload.ts';
import { escapePath, saveBody } from './save-body.ts';
import type { FileRange } from './send-file.ts';
import type { FileInfo } from './wire.ts';

const ARTIFACTS = '/api/2.0/mlflow-artifacts/artifacts';
/** Larger files do not pass a function behind an API gateway, which takes 4.5 MB of them. */
const MULTIPART_FROM_BYTES = 4 * 1024 * 1024;

/** Artifacts behind a server's proxy (`mlflow-artifacts:`). */
export function proxiedPlace(server: MlflowServer, root: string): ArtifactPlace {
  const at = (path: string) => (root === '' ? path : `${root}/${path}`);
  return {
    list: async (folder) => {
      const query = { path: folder === '' ? root : at(folder) };
      return server.send(ARTIFACTS, { query }, async (response) => {
        const { files = [] } = (await response.json()) as { files?: FileInfo[] };
        return files.map((info) => ({ ...info, path: basename(info.path) }));
      });
    },
    download: (path, file) =>
      server.send(`${ARTIFACTS}/${escapePath(at(path))}`, { attempts: 2 }, (response) =>
        saveBody(response, file),
      ),
    upload: async (path, file) => {
      const whole = { path: file, start: 0, bytes: statSync(file).size };
      if (whole.bytes >= MULTIPART_FROM_BYTES) {
        const folder = dirname(at(path)).replace(/^\.$/, '');
        if (await uploadInParts(server, folder, basename(path), whole)) return;
      }
      await put(server, at(path), whole);
    },
  };
}

async function put(server: MlflowServer, path: string, file: FileRange): Promise<void> {
  const headers = { 'content-type': 'application/octet-stream' };
  const call = { file, headers };
  try {
    await server.send(`${ARTIFACTS}/${escapePath(path)}`, call, (response) => response.arrayBuffer());
  } catch (error) {
    // Some gateways cut the connection or answer without words; say at least what it was about.
    if (error instanceof MlflowError && error.status === 413) {
      throw new MlflowError(`It has ${file.bytes} bytes: ${error.message}`, error.status, error.code);
    }
    throw error;
  }
}
