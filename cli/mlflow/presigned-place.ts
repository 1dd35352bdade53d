import { statSync } from 'node:fs';
import type { ArtifactPlace, ArtifactRoot } from './artifact-places.ts';
import { MlflowError } from './mlflow-error.ts';
import type { MlflowServer } from './mlflow-server.ts';
import { trackedPlace } from './tracked-place.ts';

interface Presigned {
  readonly presigned_url: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Artifacts in a bucket for which the server signs addresses (MLflow 3.12 and later). */
export function presignedPlace(server: MlflowServer, root: ArtifactRoot): ArtifactPlace {
  const owner = root.kind === 'run' ? { run_id: root.id } : { model_id: root.id };
  return {
    ...trackedPlace(server, root),
    upload: async (path, file) => {
      const { presigned_url, headers = {} } = await sign(server, root, { ...owner, path });
      const call = { file: { path: file, start: 0, bytes: statSync(file).size }, headers };
      await server.transfer(new URL(presigned_url), call, (response) => response.arrayBuffer());
    },
  };
}

async function sign(server: MlflowServer, { uri }: ArtifactRoot, body: object): Promise<Presigned> {
  try {
    return await server.post<Presigned>('artifacts/presigned-upload-url', body);
  } catch (error) {
    if (!(error instanceof MlflowError && error.isEndpointAbsent)) throw error;
    throw new MlflowError(
      `The server neither proxies ${uri} nor signs addresses below it.`,
      400,
      'ARTIFACTS_OUT_OF_REACH',
    );
  }
}
