import type { Call } from '../../../adapters/lambda/api.ts';
import type { CallContext } from '../../../domain/shared/call-context.ts';
import type { artifactRoutes } from '../../../domain/tracking/artifact-contract.ts';
import { checkArtifactPath } from '../../../domain/tracking/artifacts/artifact-path.ts';
import { listArtifacts } from '../../../domain/tracking/artifacts/list-artifacts.ts';
import {
  checkExpiration,
  checkOneOwner,
  refusePresignedDownload,
  refusePresignedUpload,
} from '../../../domain/tracking/artifacts/presigned-urls.ts';
import {
  type ArtifactPermission,
  requireLocationAccess,
} from '../../../domain/tracking/artifacts/require-artifact-access.ts';
import { uploadArtifact } from '../../../domain/tracking/artifacts/transfer-artifact.ts';
import { InvalidParameterError } from '../../../domain/tracking/errors.ts';
import { getLoggedModel } from '../../../domain/tracking/logged-models/change-logged-model.ts';
import { getRun } from '../../../domain/tracking/runs/manage-runs.ts';
import { files, loggedModels, runs, store } from './dependencies.ts';
import { answerFile, toFileList } from './proxied-files.ts';
import { readBytes } from './read-bytes.ts';

type Routes = typeof artifactRoutes;

async function findPlace(context: CallContext, runId: string, path: string, permission: ArtifactPermission) {
  const { artifactUri } = await getRun(runs, context, runId);
  return { artifactUri, ...(await requireLocationAccess(store, context, { artifactUri, path }, permission)) };
}

/** Files that are named by their run. */
export const runFileHandlers = {
  listRunArtifacts: async ({ context, query }: Call<Routes['listRunArtifacts']>) => {
    const path = checkArtifactPath(query.path ?? '');
    const { artifactUri, key } = await findPlace(context, query.run_id, path, 'READ');
    const list = await listArtifacts(files, key, path);
    return { body: { root_uri: artifactUri, ...toFileList(list) } };
  },
  getRunArtifact: async ({ context, query, event }: Call<Routes['getRunArtifact']>) =>
    answerFile(await findPlace(context, query.run_id, checkArtifactPath(query.path), 'READ'), event),
  uploadRunArtifact: async ({ context, query, event }: Call<Routes['uploadRunArtifact']>) => {
    if (!query.run_uuid) throw new InvalidParameterError('Request must specify run_uuid.');
    if (!query.path) throw new InvalidParameterError('Request must specify path.');
    const path = checkArtifactPath(query.path);
    const content = readBytes(event);
    if (content === undefined) throw new InvalidParameterError('Text must be UTF-8.');
    if (content.length === 0) throw new InvalidParameterError('Request must specify data.');
    await uploadArtifact(files, await findPlace(context, query.run_uuid, path, 'EDIT'), content);
    return {};
  },
  createPresignedUploadUrl: async ({ context, body }: Call<Routes['createPresignedUploadUrl']>) => {
    checkOneOwner(body);
    checkArtifactPath(body.path);
    const { artifactUri } = body.run_id
      ? await getRun(runs, context, body.run_id)
      : await getLoggedModel(loggedModels, context, body.model_id ?? '');
    return refusePresignedUpload(artifactUri);
  },
  createPresignedDownloadUrl: async ({ context, body }: Call<Routes['createPresignedDownloadUrl']>) => {
    checkArtifactPath(body.path);
    checkExpiration(body.expiration);
    const { artifactUri } = await getRun(runs, context, body.run_id);
    return refusePresignedDownload(artifactUri);
  },
};
