import type { Call } from '../../../adapters/lambda/api.ts';
import type { artifactRoutes } from '../../../domain/tracking/artifact-contract.ts';

/**
 * Clients from 3.16 on ask this before they transfer a file that is not small, and MLflow's UI before it shows
 * what not every server has.
 */
const SERVER_INFO = {
  store_type: null,
  workspaces_enabled: false,
  trace_archival_enabled: false,
  multipart_uploads_enabled: true,
  multipart_downloads_enabled: true,
  presigned_upload_run_id_supported: true,
  presigned_upload_model_id_supported: true,
  features_enabled: { gateway: false },
};

export const serverInfoHandlers = {
  getServerInfo: async (_call: Call<(typeof artifactRoutes)['getServerInfo']>) => ({ body: SERVER_INFO }),
};
