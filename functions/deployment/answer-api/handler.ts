import { createDynamoStore } from '../../../adapters/dynamodb/dynamo-store.ts';
import { createApi } from '../../../adapters/lambda/api.ts';
import { readEnvironment } from '../../../adapters/lambda/environment.ts';
import { publicUrl } from '../../../adapters/lambda/public-url.ts';
import { makeRolloutRunner } from '../../../adapters/stepfunctions/rollout-runner.ts';
import {
  endRolloutNow,
  pauseRollout,
  promoteRolloutNow,
  resumeRollout,
} from '../../../domain/deployment/command-rollout.ts';
import { deploymentRoutes } from '../../../domain/deployment/contract.ts';
import { createEndpoint } from '../../../domain/deployment/create-endpoint.ts';
import { requestDeletion } from '../../../domain/deployment/delete-endpoint.ts';
import { deployModel } from '../../../domain/deployment/deploy-model.ts';
import { getFreezeCalendar, putFreezeCalendar } from '../../../domain/deployment/freeze-calendar.ts';
import * as read from '../../../domain/deployment/read-deployment.ts';
import { rollBackEndpoint } from '../../../domain/deployment/roll-back-endpoint.ts';
import { startRollout } from '../../../domain/deployment/start-rollout.ts';
import { updateEndpoint } from '../../../domain/deployment/update-endpoint.ts';
import { createRegistryReader } from '../../../domain/registry/read-registry.ts';
import {
  answerDeployment,
  answerEndpoint,
  answerEndpoints,
  answerFreezeCalendar,
  answerRollout,
  answerRollouts,
} from './answers.ts';
import { environment } from './environment.ts';

const env = readEnvironment(environment);
const store = createDynamoStore({ tableName: env.PLATFORM_TABLE_NAME });
const registry = createRegistryReader(store);
const runner = makeRolloutRunner({
  stateMachineArn: env.STATE_MACHINE_ARN,
  advanceFunctionName: env.ADVANCE_FUNCTION_NAME,
  removeFunctionName: env.DELETE_FUNCTION_NAME,
});
const deps = { store, registry, runner };

export const handler = createApi(
  deploymentRoutes,
  {
    createEndpoint: async ({ context, body, event }) =>
      answerEndpoint((await createEndpoint(deps, context, body)).endpoint, publicUrl(event)),
    listEndpoints: async ({ context, query, event }) =>
      answerEndpoints(await read.listEndpoints(store, context, query), publicUrl(event)),
    getEndpoint: async ({ context, params, event }) =>
      answerEndpoint(await read.getEndpoint(store, context, params.name), publicUrl(event)),
    updateEndpoint: async ({ context, params, body, ifMatch, event }) =>
      answerEndpoint(await updateEndpoint(deps, context, params.name, body, ifMatch), publicUrl(event)),
    scaleDeployment: async ({ context, params, body, ifMatch, event }) =>
      answerEndpoint(await updateEndpoint(deps, context, params.name, body, ifMatch), publicUrl(event)),
    deleteEndpoint: async ({ context, params, ifMatch, event }) =>
      answerEndpoint(await requestDeletion(deps, context, params.name, ifMatch), publicUrl(event)),
    getEndpointHistory: async ({ context, params, query }) => ({
      body: await read.getEndpointHistory(store, context, params.name, query),
    }),
    rollBackEndpoint: async ({ context, params, body }) =>
      answerRollout(await rollBackEndpoint(deps, context, params.name, body)),
    startRollout: async ({ context, params, body }) =>
      answerRollout(
        await startRollout(deps, context, { endpoint: params.name, ...body, trigger: 'request' }),
      ),
    listRollouts: async ({ context, params, query }) =>
      answerRollouts(await read.listRollouts(store, context, params.name, query)),
    getRollout: async ({ context, params }) => {
      const rollout = await read.getRollout(store, context, params.id);
      return answerRollout(rollout, await read.listDecisions(store, context, params.id));
    },
    pauseRollout: async ({ context, params }) => answerRollout(await pauseRollout(deps, context, params.id)),
    resumeRollout: async ({ context, params, body }) =>
      answerRollout(await resumeRollout(deps, context, params.id, body?.reason)),
    abortRollout: async ({ context, params, body }) => {
      const reason = body?.reason ?? 'Aborted by an operator';
      return answerRollout(await endRolloutNow(deps, context, params.id, 'abort', reason));
    },
    promoteRollout: async ({ context, params, body }) => {
      const reason = body?.reason ?? 'Promoted by an operator';
      return answerRollout(await promoteRolloutNow(deps, context, params.id, reason));
    },
    getFreezeCalendar: async ({ context }) => answerFreezeCalendar(await getFreezeCalendar(store, context)),
    putFreezeCalendar: async ({ context, body, ifMatch }) =>
      answerFreezeCalendar(await putFreezeCalendar(store, context, body, ifMatch)),
    deployModel: async ({ context, params, body, event }) =>
      answerDeployment(await deployModel(deps, context, { ...body, model: params.name }), publicUrl(event)),
    createDeployment: async ({ context, body, event }) =>
      answerDeployment(await deployModel(deps, context, body), publicUrl(event)),
  },
  { idempotency: { store } },
);
