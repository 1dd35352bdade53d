import * as z from 'zod';
import { defineRoute } from '../shared/define-route.ts';

/** What only MLflow's own web UI calls. */
export const webUiRoutes = {
  /** The UI reads runs and experiments by GraphQL; its mutations are searches, they change nothing. */
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
  /** The UI asks this on the page of runs, and puts an error over it when there is no answer. */
  listGatewayEndpoints: defineRoute('listGatewayEndpoints', {
    method: 'GET',
    path: '/ajax-api/2.0/mlflow/gateway-proxy',
    role: 'viewer',
    summary: 'MLflow: the endpoints of its AI gateway, of which there are none',
    query: z.looseObject({}),
    response: z.object({ endpoints: z.array(z.object({ name: z.string() })) }),
    surface: 'mlflow',
  }),
} as const;
