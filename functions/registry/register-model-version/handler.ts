import { createDynamoStore } from '../../../adapters/dynamodb/dynamo-store.ts';
import { makeSystemContext } from '../../../adapters/lambda/call-context.ts';
import { readEnvironment } from '../../../adapters/lambda/environment.ts';
import { createCheckStarter } from '../../../adapters/lambda-control/check-starter.ts';
import { createArtifactStorage } from '../../../adapters/s3/artifact-storage.ts';
import { registerTrainedVersion } from '../../../domain/registry/register-model-version.ts';
import {
  type RegisterTrainedOutput,
  registerTrainedInput,
} from '../../../domain/registry/workflow-shapes.ts';
import { environment } from './environment.ts';

const env = readEnvironment(environment);
const deps = {
  store: createDynamoStore({ tableName: env.PLATFORM_TABLE_NAME }),
  storage: createArtifactStorage(env.ARTIFACT_BUCKET_NAME),
  checks: createCheckStarter(env.CHECK_MODEL_FUNCTION_NAME),
};

/** State of the training machine: registers what it made and waits for the verdict. */
export async function handler(event: unknown): Promise<RegisterTrainedOutput> {
  const { tenant, actor, requestId, ...trained } = registerTrainedInput.parse(event);
  const context = makeSystemContext(tenant, actor, requestId);
  const { model, version, status, reasons, approval } = await registerTrainedVersion(deps, context, trained);
  return { model, version, status, reasons, approval: approval.state };
}
