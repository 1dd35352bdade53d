import { createApi } from '../../../adapters/lambda/api.ts';
import { artifactRoutes } from '../../../domain/tracking/artifact-contract.ts';
import { throttle } from './dependencies.ts';
import { modelFileHandlers } from './model-files.ts';
import { proxyHandlers } from './proxied-files.ts';
import { runFileHandlers } from './run-files.ts';
import { serverInfoHandlers } from './server-info.ts';
import { uploadHandlers } from './uploads.ts';

export const handler = createApi(
  artifactRoutes,
  {
    ...serverInfoHandlers,
    ...proxyHandlers,
    ...uploadHandlers,
    ...runFileHandlers,
    ...modelFileHandlers,
  },
  { throttle },
);
