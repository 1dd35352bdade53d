import { setTimeout } from 'node:timers/promises';
import { createDynamoStore } from '../../../adapters/dynamodb/dynamo-store.ts';
import { createLoggedModelStore } from '../../../adapters/dynamodb/logged-model-store.ts';
import { createRunStore } from '../../../adapters/dynamodb/runs/run-store.ts';
import { createReceiverNetwork } from '../../../adapters/https/receiver-network.ts';
import { createSigningKey } from '../../../adapters/kms/signing-key.ts';
import { createApi } from '../../../adapters/lambda/api.ts';
import { readEnvironment } from '../../../adapters/lambda/environment.ts';
import { makeTenantThrottle } from '../../../adapters/lambda/tenant-throttle.ts';
import { createCheckStarter } from '../../../adapters/lambda-control/check-starter.ts';
import { createArtifactStorage } from '../../../adapters/s3/artifact-storage.ts';
import { createSecretBox } from '../../../adapters/ssm/secret-box.ts';
import { readEndpoints } from '../../../domain/deployment/read-endpoints.ts';
import { registryRoutes } from '../../../domain/registry/contract.ts';
import { createLoggedModelReader } from '../../../domain/registry/read-logged-models.ts';
import { createRunReader } from '../../../domain/registry/read-runs.ts';
import type { CallContext } from '../../../domain/shared/call-context.ts';
import { requireArtifactAccess } from '../../../domain/tracking/artifacts/require-artifact-access.ts';
import { linkModelVersion } from '../../../domain/tracking/logged-models/manage-logged-models.ts';
import { environment } from './environment.ts';
import { makeMlflowHandlers } from './mlflow-handlers.ts';
import { makeModelHandlers } from './model-handlers.ts';
import { makePermissionHandlers } from './permission-handlers.ts';
import { makeRegistryGuard } from './registry-guard.ts';
import { makeVersionHandlers } from './version-handlers.ts';
import { makeWebhookHandlers } from './webhook-handlers.ts';

const env = readEnvironment(environment);
const store = createDynamoStore({ tableName: env.PLATFORM_TABLE_NAME });
const tables = { trackingTableName: env.TRACKING_TABLE_NAME, platformTableName: env.PLATFORM_TABLE_NAME };
const loggedModels = createLoggedModelStore(tables);
const deps = {
  store,
  storage: createArtifactStorage(env.ARTIFACT_BUCKET_NAME),
  runs: createRunReader(createRunStore(tables)),
  checks: createCheckStarter(env.CHECK_MODEL_FUNCTION_NAME),
  keys: createSigningKey(env.SIGNING_KEY_ARN),
  loggedModels: {
    ...createLoggedModelReader(loggedModels),
    link: (context: CallContext, modelId: string, version: { name: string; version: number }) =>
      linkModelVersion(loggedModels, context, modelId, version),
  },
  gate: {
    requireRead: (context: CallContext, path: string) => requireArtifactAccess(store, context, path, 'READ'),
  },
  bucketName: env.ARTIFACT_BUCKET_NAME,
  pause: (milliseconds: number) => setTimeout(milliseconds),
  secrets: createSecretBox(env.WEBHOOK_KEY_PARAMETER),
  network: createReceiverNetwork({ allowed: env.WEBHOOK_RECEIVERS }),
};

/** The registry's API: models, versions, approvals, MLflow's registry and its webhooks. */
export const handler = createApi(
  registryRoutes,
  {
    ...makeModelHandlers(deps),
    ...makeVersionHandlers(deps),
    ...makeMlflowHandlers(deps),
    ...makePermissionHandlers(store),
    ...makeWebhookHandlers(deps),
  },
  {
    idempotency: { store },
    throttle: makeTenantThrottle(env),
    guard: makeRegistryGuard({ store, endpoints: readEndpoints(store) }),
  },
);
