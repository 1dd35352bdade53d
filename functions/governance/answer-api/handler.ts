import { createDynamoStore } from '../../../adapters/dynamodb/dynamo-store.ts';
import { createApi } from '../../../adapters/lambda/api.ts';
import { readEnvironment } from '../../../adapters/lambda/environment.ts';
import { governanceRoutes } from '../../../domain/governance/contract.ts';
import { listAudit } from '../../../domain/governance/list-audit.ts';
import { environment } from './environment.ts';

const env = readEnvironment(environment);
const store = createDynamoStore({ tableName: env.PLATFORM_TABLE_NAME });

export const handler = createApi(governanceRoutes, {
  listAudit: async ({ context, query }) => ({ body: await listAudit(store, context, query, query) }),
});
