import type { PlatformEvent } from '../../shared/event.ts';

/** Keeps short texts secret in the store. */
export interface SecretBox {
  /** @param boundTo whose secret it is: it can be opened for nobody else */
  seal(text: string, boundTo: string): Promise<string>;
  open(sealed: string, boundTo: string): Promise<string>;
}

export interface ReceiverRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** How a call ended: with an answer, with none, or refused before a byte was sent. */
export type ReceiverAnswer = { readonly durationMs: number } & (
  | {
      readonly kind: 'answered';
      readonly status: number;
      /** Its beginning. */
      readonly body: string;
      /** What `Retry-After` asks for. */
      readonly retryAfterSeconds?: number | undefined;
    }
  | { readonly kind: 'unreachable'; readonly error: string }
  | { readonly kind: 'refused'; readonly error: string }
);

/** The outside world of receivers. */
export interface ReceiverNetwork {
  /** The first address of this host that must not be called; undefined when there is none. */
  findForbiddenAddress(host: string): Promise<string | undefined>;
  /** Looks the host up again, calls an address that may be called or none, and follows no redirect. */
  post(request: ReceiverRequest): Promise<ReceiverAnswer>;
}

/** One event for one webhook. */
export interface DeliveryRequest {
  readonly tenant: string;
  readonly webhookId: string;
  readonly eventId: string;
}

/** Has deliveries attempted elsewhere, now or later; a request may come twice. */
export interface DeliveryQueue {
  send(requests: readonly DeliveryRequest[], delaySeconds?: number): Promise<void>;
}

/** Events as they were committed, with values that do not leave the store on the bus. */
export interface CommittedEvents {
  find(tenant: string, eventId: string): Promise<PlatformEvent | undefined>;
}
