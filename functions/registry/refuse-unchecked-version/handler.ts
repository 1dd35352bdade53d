import { createDynamoStore } from '../../../adapters/dynamodb/dynamo-store.ts';
import { makeSystemContext } from '../../../adapters/lambda/call-context.ts';
import { readEnvironment } from '../../../adapters/lambda/environment.ts';
import type { CheckRequest } from '../../../domain/registry/ports.ts';
import { refuseVersion } from '../../../domain/registry/refuse-version.ts';
import { environment } from './environment.ts';

const env = readEnvironment(environment);
const store = createDynamoStore({ tableName: env.PLATFORM_TABLE_NAME });

/** What Lambda sends to a failure destination. */
interface FailedInvocation {
  readonly requestPayload: CheckRequest;
}

/** Ends versions whose check died with its process (memory, time), so that none stays CHECKING for ever. */
export async function handler({ requestPayload }: FailedInvocation): Promise<void> {
  const { tenant, actor, requestId, modelId, version } = requestPayload;
  const context = makeSystemContext(tenant, actor, requestId);
  await refuseVersion(store, context, { modelId, version }, [
    'The check did not come to an end: the model needs more memory or time than checking allows, or the platform ' +
      'failed. Register the version again; when it happens twice, it is the model.',
  ]);
}
