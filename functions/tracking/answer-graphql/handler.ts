import { answerQuery } from '../../../adapters/graphql/answer-query.ts';
import { createApi } from '../../../adapters/lambda/api.ts';
import { logger } from '../../../adapters/lambda/logger.ts';
import { webUiRoutes } from '../../../domain/tracking/web-ui-contract.ts';
import { throttle } from './dependencies.ts';
import { makeResolvers } from './resolvers.ts';

/** What MLflow's web UI alone calls. Apart from the tracking API, which is called a thousand times as often, for its library. */
export const handler = createApi(
  webUiRoutes,
  {
    answerGraphql: async ({ context, body }) => {
      const { query, variables, operationName } = body;
      const asked = {
        query,
        variables: variables ?? undefined,
        operationName: operationName ?? undefined,
      };
      const answer = await answerQuery(asked, makeResolvers(context), (error) =>
        logger.error('query failed', { requestId: context.requestId, error }),
      );
      return { body: answer };
    },
    listGatewayEndpoints: async () => ({ body: { endpoints: [] } }),
  },
  { throttle },
);
