import { createDynamoStore } from '../../../adapters/dynamodb/dynamo-store.ts';
import { createApi } from '../../../adapters/lambda/api.ts';
import { readEnvironment } from '../../../adapters/lambda/environment.ts';
import { retrainingRoutes } from '../../../domain/retraining/contract.ts';
import {
  deletePolicy,
  listEvaluations,
  listPolicies,
  putPolicy,
} from '../../../domain/retraining/manage-policies.ts';
import { getPolicy, toPolicyView } from '../../../domain/retraining/policy-records.ts';
import { environment } from './environment.ts';

const env = readEnvironment(environment);
const store = createDynamoStore({ tableName: env.PLATFORM_TABLE_NAME });

export const handler = createApi(
  retrainingRoutes,
  {
    listRetrainingPolicies: async ({ context, query }) => {
      const page = await listPolicies(store, context.tenant, query);
      return { body: { ...page, items: page.items.map(toPolicyView) } };
    },
    getRetrainingPolicy: async ({ context, params }) => {
      const item = await getPolicy(store, context.tenant, params.name);
      return { body: toPolicyView(item), revision: item.revision };
    },
    putRetrainingPolicy: async ({ context, params, body, ifMatch }) => {
      const item = await putPolicy(store, context, params.name, body, ifMatch);
      return { body: toPolicyView(item), revision: item.revision };
    },
    deleteRetrainingPolicy: async ({ context, params, ifMatch }) => {
      await deletePolicy(store, context, params.name, ifMatch);
      return {};
    },
    listRetrainingEvaluations: async ({ context, params, query }) => {
      const page = await listEvaluations(store, context.tenant, params.name, query);
      return { body: { ...page, items: page.items.map(({ value }) => value) } };
    },
  },
  { idempotency: { store } },
);
