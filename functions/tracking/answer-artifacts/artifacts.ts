import type { Call } from '../../../adapters/lambda/api.ts';
import { NotFoundError } from '../../../domain/shared/domain-error.ts';
import type { artifactRoutes } from '../../../domain/tracking/artifact-contract.ts';
import {
  listFolder,
  toArtifactKey,
  toRunArtifactPath,
} from '../../../domain/tracking/artifacts/artifact-path.ts';
import { getRun } from '../../../domain/tracking/manage-runs.ts';
import { requireRunId } from '../../../domain/tracking/require-run-id.ts';
import { artifacts, runs } from './dependencies.ts';

type Routes = typeof artifactRoutes;

/** A download starts at once: MLflow's clients follow the redirect within seconds. */
const DOWNLOAD_SECONDS = 300;

/** Clients from 3.16 on ask this before they transfer a file that is not small. */
const SERVER_INFO = {
  store_type: null,
  workspaces_enabled: false,
  trace_archival_enabled: false,
  multipart_uploads_enabled: false,
  multipart_downloads_enabled: false,
  presigned_upload_run_id_supported: true,
  presigned_upload_model_id_supported: true,
  features_enabled: { gateway: false },
};

/** MLflow's artifact proxy: small files pass through, downloads are redirected to S3. */
export const artifactHandlers = {
  getServerInfo: async (_call: Call<Routes['getServerInfo']>) => ({ body: SERVER_INFO }),
  uploadArtifact: async ({ context, params, event }: Call<Routes['uploadArtifact']>) => {
    const bytes = Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8');
    await artifacts.write(toArtifactKey(context, params.path), bytes, event.headers['content-type']);
    return {};
  },
  downloadArtifact: async ({ context, params }: Call<Routes['downloadArtifact']>) => {
    const key = toArtifactKey(context, params.path);
    const files = await artifacts.list(key);
    if (!files.some(({ path }) => path === '')) throw new NotFoundError('artifact', params.path);
    const location = await artifacts.presignGet(key, { expiresInSeconds: DOWNLOAD_SECONDS });
    return { status: 302, headers: { location, 'x-content-type-options': 'nosniff' } };
  },
  deleteArtifact: async ({ context, params }: Call<Routes['deleteArtifact']>) => {
    const key = toArtifactKey(context, params.path);
    const below = await artifacts.list(`${key}/`);
    await artifacts.delete([key, ...below.map(({ path }) => `${key}/${path}`)]);
    return {};
  },
  listArtifacts: async ({ context, query }: Call<Routes['listArtifacts']>) => {
    const files = await artifacts.list(`${toArtifactKey(context, query.path)}/`);
    return { body: { files: listFolder(files) } };
  },
  listRunArtifacts: async ({ context, query }: Call<Routes['listRunArtifacts']>) => {
    const run = await getRun(runs, context, requireRunId(query));
    const path = toRunArtifactPath(run.artifactUri, query.path);
    const files = listFolder(await artifacts.list(`${toArtifactKey(context, path)}/`));
    const below = query.path ? `${query.path}/` : '';
    return {
      body: {
        root_uri: run.artifactUri,
        files: files.map((file) => ({ ...file, path: `${below}${file.path}` })),
      },
    };
  },
};
