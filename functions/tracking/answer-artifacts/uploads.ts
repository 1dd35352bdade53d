import type { Call } from '../../../adapters/lambda/api.ts';
import type { artifactRoutes } from '../../../domain/tracking/artifact-contract.ts';
import {
  completeUpload,
  startUpload,
  toUploadPath,
} from '../../../domain/tracking/artifacts/multipart-upload.ts';
import { requireArtifactAccess } from '../../../domain/tracking/artifacts/require-artifact-access.ts';
import { files, store } from './dependencies.ts';

type Routes = typeof artifactRoutes;
type UploadCall =
  | Call<Routes['createMultipartUpload']>
  | Call<Routes['completeMultipartUpload']>
  | Call<Routes['abortMultipartUpload']>;

function findPlace({ context, params, body }: UploadCall) {
  return requireArtifactAccess(store, context, toUploadPath(params.path, body.path), 'EDIT');
}

/** Uploads in parts, whose bytes go to S3 and never through a function. */
export const uploadHandlers = {
  createMultipartUpload: async (call: Call<Routes['createMultipartUpload']>) => ({
    body: await startUpload(files, await findPlace(call), call.body.num_parts),
  }),
  completeMultipartUpload: async (call: Call<Routes['completeMultipartUpload']>) => {
    const parts = call.body.parts.map(({ part_number, etag }) => ({ partNumber: part_number, etag }));
    await completeUpload(files, await findPlace(call), call.body.upload_id, parts);
    return {};
  },
  abortMultipartUpload: async (call: Call<Routes['abortMultipartUpload']>) => {
    const { key } = await findPlace(call);
    await files.abortUpload(key, call.body.upload_id);
    return {};
  },
};
