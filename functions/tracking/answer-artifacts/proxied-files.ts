import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { Answer, Call } from '../../../adapters/lambda/api.ts';
import { ForbiddenError, NotFoundError } from '../../../domain/shared/domain-error.ts';
import type { artifactRoutes } from '../../../domain/tracking/artifact-contract.ts';
import { listArtifacts } from '../../../domain/tracking/artifacts/list-artifacts.ts';
import {
  type ArtifactPlace,
  hideExperiments,
  requireArtifactAccess,
} from '../../../domain/tracking/artifacts/require-artifact-access.ts';
import {
  presignArtifact,
  redirectUpload,
  serveArtifact,
  uploadArtifact,
} from '../../../domain/tracking/artifacts/transfer-artifact.ts';
import { InvalidParameterError } from '../../../domain/tracking/errors.ts';
import { files, store } from './dependencies.ts';
import { readBytes } from './read-bytes.ts';

type Routes = typeof artifactRoutes;

/** A file for any route that names one; S3 answers those who ask for a range. */
export async function answerFile(place: ArtifactPlace, event: APIGatewayProxyEventV2): Promise<Answer> {
  const mayServeContent = event.headers.range === undefined;
  const { headers, content } = await serveArtifact(files, place, { mayServeContent });
  return content === undefined ? { status: 302, headers } : { bytes: content, headers };
}

/** MLflow leaves an empty list out. */
export function toFileList<T>(list: readonly T[]): { files?: readonly T[] } {
  return list.length === 0 ? {} : { files: list };
}

/** MLflow's artifact proxy: small files pass through, large ones are S3's. */
export const proxyHandlers = {
  uploadArtifact: async ({ context, params, event }: Call<Routes['uploadArtifact']>) => {
    if (event.rawPath.endsWith('/')) {
      throw new InvalidParameterError("Artifact path must include a filename (cannot end with '/').");
    }
    const place = await requireArtifactAccess(store, context, params.path, 'EDIT');
    const bytes = readBytes(event);
    if (bytes === undefined)
      return { status: 307, headers: { location: await redirectUpload(files, place) } };
    await uploadArtifact(files, place, bytes);
    return {};
  },
  downloadArtifact: async ({ context, params, event }: Call<Routes['downloadArtifact']>) =>
    answerFile(await requireArtifactAccess(store, context, params.path, 'READ'), event),
  deleteArtifact: async ({ context, params }: Call<Routes['deleteArtifact']>) => {
    const { path, key } = await requireArtifactAccess(store, context, params.path, 'EDIT');
    // The root of a tenant is no folder that anybody made, or may delete.
    if (path === '') throw new ForbiddenError('The root of all artifacts cannot be deleted.');
    await files.deleteTree(key);
    return {};
  },
  listArtifacts: async ({ context, query }: Call<Routes['listArtifacts']>) => {
    try {
      const { path, key } = await requireArtifactAccess(store, context, query.path, 'READ');
      const list = await listArtifacts(files, key);
      return { body: toFileList(path === '' ? await hideExperiments(store, context, list) : list) };
    } catch (error) {
      // MLflow's clients take a folder that is not there for an empty one.
      if (error instanceof NotFoundError) return { body: {} };
      throw error;
    }
  },
  presignArtifact: async ({ context, params }: Call<Routes['presignArtifact']>) => {
    const place = await requireArtifactAccess(store, context, params.path, 'READ');
    return { body: await presignArtifact(files, place) };
  },
};
