import { type CallContext, isoTime } from '../../shared/call-context.ts';
import { examplePayload } from './example-payloads.ts';
import type { WebhookDeps } from './manage-webhooks.ts';
import type { ReceiverAnswer } from './ports.ts';
import { openSecret, signRequest } from './sign-request.ts';
import { checkWebhookEvent, type WebhookEvent } from './webhook-event.ts';
import { writePayload } from './webhook-payload.ts';
import { getWebhookItem } from './webhook-records.ts';

export interface TestResult {
  readonly success: boolean;
  readonly response_status?: number;
  readonly response_body?: string;
  readonly error_message?: string;
}

/**
 * Sends an example once, of the event named or the webhook's first, whether it is active or not. It is no
 * delivery: nothing is recorded and nothing is tried again.
 *
 * @throws WebhookNotFoundError, InvalidInputError
 */
export async function testWebhook(
  { store, secrets, network }: WebhookDeps,
  context: CallContext,
  id: string,
  chosen: WebhookEvent | undefined,
): Promise<{ readonly result: TestResult }> {
  if (chosen !== undefined) checkWebhookEvent(chosen);
  const { value } = await getWebhookItem(store, context.tenant, id);
  const event = chosen ?? (value.events[0] as WebhookEvent);
  const body = writePayload(event, isoTime(context), examplePayload(event));
  const secret = await openSecret(secrets, context.tenant, value);
  const headers = signRequest({ deliveryId: context.newId('dlv'), body, secret }, context.nowMs);
  return { result: toResult(await network.post({ url: value.url, headers, body })) };
}

function toResult(answer: ReceiverAnswer): TestResult {
  if (answer.kind !== 'answered') {
    return { success: false, error_message: `Failed to test webhook: ${answer.error}` };
  }
  return { success: answer.status < 300, response_status: answer.status, response_body: answer.body };
}
