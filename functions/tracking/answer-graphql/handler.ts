import { answerQuery } from '../../../adapters/graphql/answer-query.ts';
import { createApi } from '../../../adapters/lambda/api.ts';
import { logger } from '../../../adapters/lambda/logger.ts';
import { graphqlRoutes } from '../../../domain/tracking/graphql-contract.ts';
import { makeResolvers } from './resolvers.ts';

/** MLflow's GraphQL. Apart from the tracking API, which is called a thousand times as often, for its library. */
export const handler = createApi(graphqlRoutes, {
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
});
