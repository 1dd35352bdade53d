import type { Call } from '../../../adapters/lambda/api.ts';
import { locateVersionFiles } from '../../../domain/registry/locate-version-files.ts';
import type { artifactRoutes } from '../../../domain/tracking/artifact-contract.ts';
import { checkArtifactPath, findProxiedPath } from '../../../domain/tracking/artifacts/artifact-path.ts';
import { ArtifactNotFoundError, MissingQueryError } from '../../../domain/tracking/artifacts/errors.ts';
import { listArtifacts } from '../../../domain/tracking/artifacts/list-artifacts.ts';
import { requireLocationAccess } from '../../../domain/tracking/artifacts/require-artifact-access.ts';
import { getLoggedModel } from '../../../domain/tracking/logged-models/change-logged-model.ts';
import { files, loggedModels, store } from './dependencies.ts';
import { answerFile, toFileList } from './proxied-files.ts';

type Routes = typeof artifactRoutes;

/** Files that are named by their logged model, or by the registered version. */
export const modelFileHandlers = {
  listLoggedModelArtifacts: async ({ context, params, query }: Call<Routes['listLoggedModelArtifacts']>) => {
    const path = checkArtifactPath(query.artifact_directory_path ?? '');
    const { artifactUri } = await getLoggedModel(loggedModels, context, params.model_id);
    const { key } = await requireLocationAccess(store, context, { artifactUri, path }, 'READ');
    return { body: { root_uri: artifactUri, ...toFileList(await listArtifacts(files, key, path)) } };
  },
  getLoggedModelArtifact: async ({
    context,
    params,
    query,
    event,
  }: Call<Routes['getLoggedModelArtifact']>) => {
    const { artifactUri } = await getLoggedModel(loggedModels, context, params.model_id);
    if (!query.artifact_file_path) throw new MissingQueryError('artifact_file_path');
    const path = checkArtifactPath(query.artifact_file_path);
    return answerFile(await requireLocationAccess(store, context, { artifactUri, path }, 'READ'), event);
  },
  getModelVersionArtifact: async ({ context, query, event }: Call<Routes['getModelVersionArtifact']>) => {
    const path = checkArtifactPath(query.path);
    const { prefix, artifactUri } = await locateVersionFiles(store, context, query);
    // What was checked and signed, whatever has become of the run's files since.
    const own = { path, key: `${prefix}${path}` };
    if ((await files.find(own.key)) !== undefined) return answerFile(own, event);
    if (findProxiedPath(artifactUri) === undefined) throw new ArtifactNotFoundError(path);
    return answerFile(await requireLocationAccess(store, context, { artifactUri, path }, 'READ'), event);
  },
};
