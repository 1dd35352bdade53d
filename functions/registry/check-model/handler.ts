import { createDynamoStore } from '../../../adapters/dynamodb/dynamo-store.ts';
import { createSigningKey } from '../../../adapters/kms/signing-key.ts';
import { makeSystemContext } from '../../../adapters/lambda/call-context.ts';
import { readEnvironment } from '../../../adapters/lambda/environment.ts';
import { createModelInspector } from '../../../adapters/lambda-control/model-inspector.ts';
import { createArtifactStorage } from '../../../adapters/s3/artifact-storage.ts';
import { parseYaml } from '../../../adapters/yaml/parse-yaml.ts';
import { checkModelVersion } from '../../../domain/registry/check-model-version.ts';
import type { CheckRequest } from '../../../domain/registry/ports.ts';
import { environment } from './environment.ts';

const env = readEnvironment(environment);
const deps = {
  store: createDynamoStore({ tableName: env.PLATFORM_TABLE_NAME }),
  storage: createArtifactStorage(env.ARTIFACT_BUCKET_NAME),
  checker: createModelInspector(env.INSPECT_MODEL_FUNCTION_NAME),
  signer: createSigningKey(env.SIGNING_KEY_ARN),
  parseYaml,
};

/** Takes a submitted version over, has it inspected, signs it: the only function that may sign. */
export async function handler(request: CheckRequest): Promise<void> {
  const { tenant, actor, requestId, modelId, version } = request;
  await checkModelVersion(deps, makeSystemContext(tenant, actor, requestId), { modelId, version });
}
