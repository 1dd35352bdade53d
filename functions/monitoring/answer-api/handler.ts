import { createDynamoStore } from '../../../adapters/dynamodb/dynamo-store.ts';
import { createWindowStore } from '../../../adapters/dynamodb/window-store.ts';
import { createApi } from '../../../adapters/lambda/api.ts';
import { readEnvironment } from '../../../adapters/lambda/environment.ts';
import { createArtifactStorage } from '../../../adapters/s3/artifact-storage.ts';
import { createLandingZone } from '../../../adapters/s3/landing-zone.ts';
import { createRowArchive } from '../../../adapters/s3/row-archive.ts';
import { createVersionShapes } from '../../../adapters/s3/version-shapes.ts';
import { listAllEndpoints, readEndpoints } from '../../../domain/deployment/read-endpoints.ts';
import { monitoringRoutes } from '../../../domain/monitoring/contract.ts';
import { postPredictions } from '../../../domain/monitoring/external-predictions.ts';
import { postGroundTruth } from '../../../domain/monitoring/ground-truth.ts';
import { putMonitor } from '../../../domain/monitoring/monitor.ts';
import {
  configureModelDrift,
  listLatestDrift,
  listWindows,
  requireWatched,
  toMonitorView,
  viewMetrics,
} from '../../../domain/monitoring/read-monitoring.ts';
import { createRegistryReader } from '../../../domain/registry/read-registry.ts';
import { environment } from './environment.ts';

const env = readEnvironment(environment);
const store = createDynamoStore({ tableName: env.PLATFORM_TABLE_NAME });
const windows = createWindowStore(env.MEASUREMENT_TABLE_NAME);
const captures = createArtifactStorage(env.CAPTURE_BUCKET_NAME);
const endpoints = readEndpoints(store);
const landing = createLandingZone(captures);
const archive = createRowArchive(captures);
const shapes = createVersionShapes({
  endpoints,
  registry: createRegistryReader(store),
  artifacts: createArtifactStorage(env.ARTIFACT_BUCKET_NAME),
});

export const handler = createApi(
  monitoringRoutes,
  {
    getMonitor: async ({ context, params }) => {
      const endpoint = await requireWatched(endpoints, context, params.name);
      const view = await toMonitorView(store, context, endpoint);
      return { body: view, revision: view.revision };
    },
    putMonitor: async ({ context, params, body, ifMatch }) => {
      const endpoint = await requireWatched(endpoints, context, params.name);
      await putMonitor(store, context, endpoint.name, body, ifMatch);
      const view = await toMonitorView(store, context, endpoint);
      return { body: view, revision: view.revision };
    },
    listDriftWindows: async ({ context, params, query }) => {
      await requireWatched(endpoints, context, params.name);
      return { body: await listWindows(store, context, params.name, 'drift', query) };
    },
    listQualityWindows: async ({ context, params, query }) => {
      await requireWatched(endpoints, context, params.name);
      return { body: await listWindows(store, context, params.name, 'quality', query) };
    },
    listPerformanceWindows: async ({ context, params, query }) => {
      await requireWatched(endpoints, context, params.name);
      return { body: await listWindows(store, context, params.name, 'performance', query) };
    },
    getEndpointMetrics: async ({ context, params, query }) => {
      const endpoint = await requireWatched(endpoints, context, params.name);
      return { body: await viewMetrics({ store, windows, endpoints }, context, endpoint, query) };
    },
    listLatestDrift: async ({ context }) => ({
      body: await listLatestDrift(store, context, await listAllEndpoints(store, context.tenant)),
    }),
    configureModelDrift: async ({ context, params, body }) => ({
      body: await configureModelDrift({ store, endpoints }, context, params.name, body),
    }),
    postGroundTruth: async ({ context, params, body }) => {
      await requireWatched(endpoints, context, params.name);
      return { body: { accepted: await postGroundTruth(archive, context, params.name, body.labels) } };
    },
    postPredictions: async ({ context, params, body }) => {
      await requireWatched(endpoints, context, params.name);
      const predictionIds = await postPredictions(
        { landing, shapes },
        context,
        params.name,
        body.predictions,
      );
      return { body: { predictionIds } };
    },
  },
  { idempotency: { store } },
);
