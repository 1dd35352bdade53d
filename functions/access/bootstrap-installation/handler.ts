import { randomBytes } from 'node:crypto';
import type { Context } from 'aws-lambda';
import { createDynamoStore } from '../../../adapters/dynamodb/dynamo-store.ts';
import { makeSystemContext } from '../../../adapters/lambda/call-context.ts';
import { readEnvironment } from '../../../adapters/lambda/environment.ts';
import { bootstrapInstallation } from '../../../domain/access/bootstrap-installation.ts';
import { PLATFORM_TENANT } from '../../../domain/access/manage-tokens.ts';
import { environment } from './environment.ts';

const env = readEnvironment(environment);
const store = createDynamoStore({ tableName: env.PLATFORM_TABLE_NAME });

/** Shows the platform token once, to whoever IAM lets invoke this function; no route leads here. */
export async function handler(event: { readonly replace?: boolean }, lambda: Context) {
  const context = makeSystemContext(PLATFORM_TENANT, 'system:bootstrap-installation', lambda.awsRequestId);
  return bootstrapInstallation({ store, randomBytes }, context, event.replace === true);
}
