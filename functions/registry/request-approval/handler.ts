import { createDynamoStore } from '../../../adapters/dynamodb/dynamo-store.ts';
import { makeSystemContext } from '../../../adapters/lambda/call-context.ts';
import { readEnvironment } from '../../../adapters/lambda/environment.ts';
import { requestApproval } from '../../../domain/registry/decide-approval.ts';
import {
  type RequestApprovalOutput,
  requestApprovalInput,
} from '../../../domain/registry/workflow-shapes.ts';
import { environment } from './environment.ts';

const env = readEnvironment(environment);
const store = createDynamoStore({ tableName: env.PLATFORM_TABLE_NAME });

/** State of the training machine: asks for an approval when the model's policy wants one. */
export async function handler(event: unknown): Promise<RequestApprovalOutput> {
  const { tenant, actor, requestId, model, version, reason } = requestApprovalInput.parse(event);
  const context = makeSystemContext(tenant, actor, requestId);
  return requestApproval(store, context, { name: model, ref: version }, reason);
}
