import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { diskPlace } from './disk-place.ts';
import { MlflowError } from './mlflow-error.ts';
import type { MlflowServer } from './mlflow-server.ts';
import { presignedPlace } from './presigned-place.ts';
import { proxiedPlace } from './proxied-place.ts';
import { trackedPlace } from './tracked-place.ts';
import type { FileInfo } from './wire.ts';

/** Where the artifacts of one run or logged model lie. Paths are below its root. */
export interface ArtifactPlace {
  /** A folder's children, by their names. */
  list(folder: string): Promise<readonly FileInfo[]>;
  download(path: string, file: string): Promise<void>;
  upload(path: string, file: string): Promise<void>;
}

export interface ArtifactRoot {
  readonly kind: 'run' | 'model';
  readonly id: string;
  readonly uri: string;
}

/**
 * The shortest way to the bytes: the proxy, this machine's disk, or through the server that can read the root. That
 * one is also tried where the proxy fails: MLflow before 3.6 cannot hand out files with names beyond ASCII.
 */
export function openForReading(server: MlflowServer, root: ArtifactRoot): ArtifactPlace {
  const proxied = toProxiedPath(server, root.uri);
  if (proxied !== undefined) {
    const place = proxiedPlace(server, proxied);
    const tracked = trackedPlace(server, root);
    return { ...place, download: (path, file) => withSecondWay(path, file, place, tracked) };
  }
  const folder = toFolder(root.uri);
  if (folder !== undefined && existsSync(folder)) return diskPlace(folder);
  return trackedPlace(server, root);
}

async function withSecondWay(path: string, file: string, first: ArtifactPlace, second: ArtifactPlace) {
  try {
    await first.download(path, file);
  } catch (error) {
    if (!(error instanceof MlflowError) || error.concernsServer) throw error;
    // The first error is told when neither way leads there: it names the file as people know it.
    await second.download(path, file).catch(() => Promise.reject(error));
  }
}

/** A root that the server does not proxy is written where it signs addresses, or on this very machine. */
export function openForWriting(server: MlflowServer, root: ArtifactRoot): ArtifactPlace {
  const proxied = toProxiedPath(server, root.uri);
  if (proxied !== undefined) return proxiedPlace(server, proxied);
  const folder = toFolder(root.uri);
  if (folder === undefined) return presignedPlace(server, root);
  if (isOnThisMachine(server)) return diskPlace(folder);
  throw new MlflowError(
    `The server keeps these artifacts in its own folder ${folder}, which cannot be reached from here.`,
    400,
    'ARTIFACTS_OUT_OF_REACH',
  );
}

/** The path below the server's artifact proxy. Another host's proxy is not asked: it would get the credentials. */
function toProxiedPath(server: MlflowServer, uri: string): string | undefined {
  const match = /^mlflow-artifacts:(?:\/\/([^/]*))?\/*(.*)$/.exec(uri);
  if (match === null) return undefined;
  const [, host = '', path = ''] = match;
  if (host !== '' && host !== new URL(server.uri).host) return undefined;
  return path.replace(/\/+$/, '');
}

function toFolder(uri: string): string | undefined {
  if (uri.startsWith('/')) return uri;
  if (!uri.startsWith('file:')) return undefined;
  return fileURLToPath(uri);
}

function isOnThisMachine(server: MlflowServer): boolean {
  return ['localhost', '127.0.0.1', '[::1]'].includes(new URL(server.uri).hostname);
}
