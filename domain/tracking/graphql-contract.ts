import * as z from 'zod';
import { defineRoute } from '../shared/define-route.ts';

/** MLflow's UI reads runs and experiments by GraphQL; its mutations are searches, they change nothing. */
export const graphqlRoutes = {
  answerGraphql: defineRoute('answerGraphql', {
    method: 'POST',
    path: '/graphql',
    role: 'viewer',
    summary: "MLflow: the GraphQL of its web UI; a query's errors are in the answer",
    body: z.object({
      query: z.string(),
      variables: z.record(z.string(), z.unknown()).nullish(),
      operationName: z.string().nullish(),
    }),
    response: z.object({ data: z.unknown(), errors: z.array(z.string()).nullable() }),
    surface: 'mlflow',
  }),
} as const;
