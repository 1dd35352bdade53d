import { type CallContext, isoTime } from '../../shared/call-context.ts';
import type { PlatformEvent } from '../../shared/event.ts';
import type { Store } from '../../shared/store.ts';
import { claimDelivery, releaseDelivery } from './claim-delivery.ts';
import {
  type DeliveryAttempt,
  type DeliveryItem,
  type DeliveryRecord,
  deliveryKey,
} from './delivery-records.ts';
import type {
  CommittedEvents,
  DeliveryQueue,
  DeliveryRequest,
  ReceiverAnswer,
  ReceiverNetwork,
  SecretBox,
} from './ports.ts';
import { delayBeforeNext, mayPass } from './retry-schedule.ts';
import { openSecret, signRequest } from './sign-request.ts';
import { formatWebhookEvent, type WebhookEvent } from './webhook-event.ts';
import { toPayloadData, toWebhookEvent, writePayload } from './webhook-payload.ts';
import { findWebhook } from './webhook-records.ts';

export interface DeliveryDeps {
  readonly store: Store;
  readonly events: CommittedEvents;
  readonly secrets: SecretBox;
  readonly network: ReceiverNetwork;
  readonly queue: DeliveryQueue;
  /** From 0 to 1. */
  readonly random: () => number;
}

/** A committed event and what it is to MLflow. */
interface Told {
  readonly event: PlatformEvent;
  readonly meaning: WebhookEvent;
}

/** SQS holds a message back for a quarter of an hour: longer waits are several. */
const MOST_DELAY_SECONDS = 900;

/**
 * Tries one delivery if it is time, and says what came of it in its record. The record decides, not the request:
 * requests may come twice, too early, or after the end.
 */
export async function attemptDelivery(
  deps: DeliveryDeps,
  context: CallContext,
  request: DeliveryRequest,
): Promise<void> {
  const found = await deps.store.get<DeliveryRecord>(deliveryKey(request));
  if (found !== undefined && found.value.status !== 'PENDING') return;
  const waitMs = Date.parse(found?.value.nextAttemptAt ?? isoTime(context)) - context.nowMs;
  if (waitMs > 0) return sendLater(deps.queue, request, waitMs);
  const told = await findTold(deps.events, request);
  // An erased event has nothing left to tell.
  if (told === undefined) return;
  const from = found ?? toNewRecord(context, request, told);
  const claimed = await claimDelivery(deps.store, context, request, from);
  if (claimed === undefined) return;
  const answer = await post(deps, context, claimed.value, told);
  if (typeof answer === 'string') {
    await releaseDelivery(deps.store, context, claimed, { status: 'FAILED', endedBecause: answer });
  } else await record(deps, context, request, claimed, answer);
}

async function findTold(
  events: CommittedEvents,
  { tenant, eventId }: DeliveryRequest,
): Promise<Told | undefined> {
  const event = await events.find(tenant, eventId);
  const meaning = event && toWebhookEvent(event);
  return event && meaning && { event, meaning };
}

function toNewRecord(
  context: CallContext,
  { webhookId, eventId }: DeliveryRequest,
  { event: { resource }, meaning }: Told,
): DeliveryRecord {
  const now = isoTime(context);
  const what = { id: context.newId('dlv'), webhookId, eventId, event: formatWebhookEvent(meaning), resource };
  return { ...what, status: 'PENDING', attempts: [], createdAt: now, updatedAt: now };
}

/** @returns a sentence when there is nobody to call any more */
async function post(
  { store, secrets, network }: DeliveryDeps,
  context: CallContext,
  { id, webhookId }: DeliveryRecord,
  { event, meaning }: Told,
): Promise<ReceiverAnswer | string> {
  const webhook = (await findWebhook(store, context.tenant, webhookId))?.value;
  if (webhook === undefined) return 'The webhook was deleted.';
  if (webhook.status !== 'ACTIVE') return 'The webhook was disabled.';
  const body = writePayload(meaning, event.occurredAt, toPayloadData(event));
  const secret = await openSecret(secrets, context.tenant, webhook);
  const headers = signRequest({ deliveryId: id, body, secret }, context.nowMs);
  return network.post({ url: webhook.url, headers, body });
}

/** The record first, then the next request: a message that dies in between comes again and finds what is due. */
async function record(
  { store, queue, random }: DeliveryDeps,
  context: CallContext,
  request: DeliveryRequest,
  claimed: DeliveryItem,
  answer: ReceiverAnswer,
): Promise<void> {
  const attempts = [...claimed.value.attempts, toAttempt(context, answer)];
  if (answer.kind === 'answered' && isSuccess(answer.status)) {
    return releaseDelivery(store, context, claimed, { status: 'DELIVERED', attempts });
  }
  const delayMs = delayAfter(answer, attempts.length, random());
  if (delayMs === undefined) return releaseDelivery(store, context, claimed, { status: 'FAILED', attempts });
  const nextAttemptAt = new Date(context.nowMs + answer.durationMs + delayMs).toISOString();
  await releaseDelivery(store, context, claimed, { attempts, nextAttemptAt });
  await sendLater(queue, request, delayMs);
}

function delayAfter(answer: ReceiverAnswer, attemptsMade: number, random: number): number | undefined {
  if (answer.kind === 'refused') return undefined;
  if (answer.kind !== 'answered') return delayBeforeNext(attemptsMade, random);
  return mayPass(answer.status) ? delayBeforeNext(attemptsMade, random, answer.retryAfterSeconds) : undefined;
}

function toAttempt(context: CallContext, answer: ReceiverAnswer): DeliveryAttempt {
  const base = { at: isoTime(context), durationMs: answer.durationMs };
  if (answer.kind !== 'answered') return { ...base, error: answer.error };
  const { status, body } = answer;
  const error = isSuccess(status) ? undefined : explain(status);
  return { ...base, responseStatus: status, responseBody: body, error };
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

function explain(status: number): string {
  const redirect = status < 400 ? '; redirects are not followed' : '';
  return `The receiver answered ${status}${redirect}.`;
}

function sendLater(queue: DeliveryQueue, request: DeliveryRequest, delayMs: number): Promise<void> {
  return queue.send([request], Math.min(MOST_DELAY_SECONDS, Math.ceil(delayMs / 1000)));
}
