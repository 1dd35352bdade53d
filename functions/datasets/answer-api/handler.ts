import { createDynamoStore } from '../../../adapters/dynamodb/dynamo-store.ts';
import { createApi } from '../../../adapters/lambda/api.ts';
import { readEnvironment } from '../../../adapters/lambda/environment.ts';
import { invokeLater } from '../../../adapters/lambda/invoke-later.ts';
import { createArtifactStorage } from '../../../adapters/s3/artifact-storage.ts';
import { datasetRoutes } from '../../../domain/datasets/contract.ts';
import { getDataset, getDatasetVersion, PROFILE_FILE } from '../../../domain/datasets/dataset-records.ts';
import {
  createDataset,
  createDatasetUpload,
  createDatasetVersion,
  listDatasets,
  listDatasetVersions,
} from '../../../domain/datasets/manage-datasets.ts';
import { toDatasetView, toVersionView } from '../../../domain/datasets/views.ts';
import { NotFoundError } from '../../../domain/shared/domain-error.ts';
import { environment } from './environment.ts';

const env = readEnvironment(environment);
const store = createDynamoStore({ tableName: env.PLATFORM_TABLE_NAME });
const files = createArtifactStorage(env.DATASET_BUCKET_NAME);
const builder = { start: (request: object) => invokeLater(env.BUILD_VERSION_FUNCTION_NAME, request) };

export const handler = createApi(
  datasetRoutes,
  {
    listDatasets: async ({ context, query }) => {
      const page = await listDatasets(store, context.tenant, query);
      return { body: { ...page, items: page.items.map(toDatasetView) } };
    },
    createDataset: async ({ context, body }) => {
      return { body: { ...(await createDataset(store, context, body)), revision: 1 }, revision: 1 };
    },
    getDataset: async ({ context, params }) => {
      const item = await getDataset(store, context.tenant, params.name);
      return { body: toDatasetView(item), revision: item.revision };
    },
    createDatasetUpload: async ({ context, params, body }) => {
      return { body: await createDatasetUpload({ store, targets: files }, context, params.name, body.files) };
    },
    createDatasetVersion: async ({ context, params, body }) => {
      const { prefix: _, ...version } = await createDatasetVersion(
        { store, builder },
        context,
        params.name,
        body.source,
      );
      return { body: { ...version, revision: 1 }, revision: 1 };
    },
    listDatasetVersions: async ({ context, params, query }) => {
      const page = await listDatasetVersions(store, context.tenant, params.name, query);
      return {
        body: { ...page, items: page.items.map((item) => toVersionView(item, env.DATASET_BUCKET_NAME)) },
      };
    },
    getDatasetVersion: async ({ context, params }) => {
      const item = await getDatasetVersion(store, context.tenant, params.name, params.v);
      return { body: toVersionView(item, env.DATASET_BUCKET_NAME), revision: item.revision };
    },
    getDatasetProfile: async ({ context, params }) => {
      const { value } = await getDatasetVersion(store, context.tenant, params.name, params.v);
      const profile = await files.read(`${value.prefix}${PROFILE_FILE}`);
      if (profile === undefined)
        throw new NotFoundError('profile of dataset version', `${params.name}/${params.v}`);
      return { body: JSON.parse(Buffer.from(profile).toString()) };
    },
  },
  { idempotency: { store } },
);
