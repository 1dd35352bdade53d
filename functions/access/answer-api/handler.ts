import { randomBytes } from 'node:crypto';
import { createDynamoStore } from '../../../adapters/dynamodb/dynamo-store.ts';
import { createApi } from '../../../adapters/lambda/api.ts';
import { readEnvironment } from '../../../adapters/lambda/environment.ts';
import openApi from '../../../docs/openapi.json' with { type: 'json' };
import { accessRoutes } from '../../../domain/access/contract.ts';
import { createTenant, listTenants } from '../../../domain/access/create-tenant.ts';
import { createToken, listTokens, revokeToken, type Token } from '../../../domain/access/manage-tokens.ts';
import { MLFLOW_VERSION, PRODUCT_VERSION, SCHEMA_VERSION } from '../../../domain/shared/version.ts';
import { seedDefaultExperiment } from '../../../domain/tracking/experiments/create-experiment.ts';
import { environment } from './environment.ts';

const env = readEnvironment(environment);
const store = createDynamoStore({ tableName: env.PLATFORM_TABLE_NAME });
const deps = { store, randomBytes, seeds: [seedDefaultExperiment] };

export const handler = createApi(
  accessRoutes,
  {
    createTenant: async ({ context, body }) => ({ body: await createTenant(deps, context, body.name) }),
    listTenants: async ({ query }) => {
      const page = await listTenants(store, query);
      const items = page.items.map(({ value, revision }) => ({ ...value, revision }));
      return { body: { ...page, items } };
    },
    createToken: async ({ context, body }) => {
      const { token, text } = await createToken(deps, context, body);
      return { body: { ...withoutHash({ ...token, revision: 1 }), token: text }, revision: 1 };
    },
    listTokens: async ({ context, query }) => {
      const page = await listTokens(deps, context, query);
      return { body: { ...page, items: page.items.map(withoutHash) } };
    },
    revokeToken: async ({ context, params }) => {
      await revokeToken(deps, context, params.id);
      return {};
    },
    getHealth: async () => ({ text: 'OK' }),
    getVersion: async () => ({ text: MLFLOW_VERSION }),
    getOpenApi: async () => ({ body: openApi }),
    getInstallation: async () => ({
      body: {
        installation: env.INSTALLATION,
        version: PRODUCT_VERSION,
        schemaVersion: SCHEMA_VERSION,
        platform: env.PLATFORM,
      },
    }),
  },
  { idempotency: { store } },
);

/** The hash is no secret, and nobody's business. */
function withoutHash<T extends Token>({ hash: _, ...summary }: T): Omit<T, 'hash'> {
  return summary;
}
