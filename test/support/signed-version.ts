import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buildBundle, pae } from '../../domain/shared/signing/bundle.ts';
import { buildManifest } from '../../domain/shared/signing/manifest.ts';
import { buildStatement, computeStatementDigest } from '../../domain/shared/signing/statement.ts';

export type Files = Record<string, string | Uint8Array>;

/** Files of a version, signed by a key of their own. */
export function signFiles(files: Files) {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const publicKeyPem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const manifest = buildManifest(
    Object.entries(files).map(([path, content]) => ({
      path,
      sha256: createHash('sha256').update(content).digest('hex'),
    })),
  );
  const statement = buildStatement('late', manifest);
  const bundle = buildBundle(statement, sign('sha256', pae(statement), privateKey), publicKeyPem);
  return {
    files: { ...files, 'model.sig': bundle } as Files,
    publicKeyPem,
    manifestDigest: computeStatementDigest(statement),
  };
}

/** An HTTP server that gives out objects by path, as S3 does for path-style requests. */
export async function startObjectServer(bucket: string, prefix: string, files: Files) {
  const requests: { path: string; headers: Record<string, unknown> }[] = [];
  /** Statuses to answer with before the object itself. */
  const failures: number[] = [];
  const server: Server = createServer((request, response) => {
    requests.push({ path: request.url ?? '', headers: request.headers });
    const failure = failures.shift();
    const file = files[decodeURIComponent(request.url ?? '').slice(`/${bucket}/${prefix}`.length)];
    response.statusCode = failure ?? (file === undefined ? 404 : 200);
    response.end(failure === undefined ? file : '');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const close = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  return { url, requests, failures, close };
}
