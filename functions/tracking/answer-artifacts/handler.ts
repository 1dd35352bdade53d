import { createApi } from '../../../adapters/lambda/api.ts';
import { artifactRoutes } from '../../../domain/tracking/artifact-contract.ts';
import { artifactHandlers } from './artifacts.ts';

export const handler = createApi(artifactRoutes, artifactHandlers);
