import { basename } from 'node:path';
import type { ArtifactPlace, ArtifactRoot } from './artifact-places.ts';
import { MlflowError } from './mlflow-error.ts';
import type { MlflowServer } from './mlflow-server.ts';
import { saveBody } from './save-body.ts';
import type { FileInfo } from './wire.ts';

/**
 * Artifacts of a root that only the server can read (a bucket, its own disk): it lists them, and its UI's routes
 * hand the files out.
 */
export function trackedPlace(server: MlflowServer, { kind, id, uri }: ArtifactRoot): ArtifactPlace {
  const { listing, folderField, download } = kind === 'run' ? forRun(id) : forModel(id);
  return {
    list: async (folder) => {
      const input = { ...listing.query, ...(folder === '' ? {} : { [folderField]: folder }) };
      const infos: FileInfo[] = [];
      const pages = server.pages<FileInfo, 'files'>(listing.path, 'files', { method: 'GET', input });
      for await (const page of pages) {
        infos.push(...page.map((info) => ({ ...info, path: basename(info.path) })));
      }
      return infos;
    },
    download: (path, file) => {
      const { path: route, query } = download(path);
      return server.send(route, { query }, (response) => saveBody(response, file));
    },
    upload: async () => {
      throw new MlflowError(`Files cannot be put below ${uri}.`, 400, 'ARTIFACTS_OUT_OF_REACH');
    },
  };
}

function forRun(id: string) {
  return {
    listing: { path: 'artifacts/list', query: { run_id: id, run_uuid: id } },
    folderField: 'path',
    download: (path: string) => ({
      path: '/get-artifact',
      query: { run_id: id, run_uuid: id, path } as Record<string, string>,
    }),
  };
}

function forModel(id: string) {
  return {
    listing: { path: `logged-models/${id}/artifacts/directories`, query: {} },
    folderField: 'artifact_directory_path',
    download: (path: string) => ({
      path: `/ajax-api/2.0/mlflow/logged-models/${id}/artifacts/files`,
      query: { artifact_file_path: path } as Record<string, string>,
    }),
  };
}
