import { createHash } from 'node:crypto';
import { MemoryStore } from '../../adapters/memory/memory-store.ts';
import { attemptDelivery } from '../../domain/registry/webhooks/attempt-delivery.ts';
import { createWebhook, type WebhookInput } from '../../domain/registry/webhooks/manage-webhooks.ts';
import { planDeliveries } from '../../domain/registry/webhooks/plan-deliveries.ts';
import type {
  DeliveryRequest,
  ReceiverAnswer,
  ReceiverRequest,
} from '../../domain/registry/webhooks/ports.ts';
import type { PlatformEvent } from '../../domain/shared/event.ts';
import { makeTestContext, NOON_MS } from './call-context.ts';

interface Waiting {
  readonly request: DeliveryRequest;
  readonly atMs: number;
}

/** Webhooks with receivers, a queue with a clock, and secrets, all in memory. */
export class WebhookWorld {
  readonly store = new MemoryStore();
  /** Answers of the receivers, the first next; when there are none left they answer 200. */
  readonly answers: ReceiverAnswer[] = [];
  readonly received: ReceiverRequest[] = [];
  readonly waiting: Waiting[] = [];
  nowMs = NOON_MS;

  readonly secrets = {
    seal: async (text: string, boundTo: string) => `${ownerMark(boundTo)}:${[...text].reverse().join('')}`,
    open: async (sealed: string, boundTo: string) => {
      const [mark, text = ''] = sealed.split(':');
      if (mark !== ownerMark(boundTo)) throw new Error('This secret is sealed for somebody else.');
      return [...text].reverse().join('');
    },
  };
  readonly network = {
    findForbiddenAddress: async (host: string) => (host.endsWith('.internal') ? '10.0.0.1' : undefined),
    post: async (request: ReceiverRequest) => {
      this.received.push(request);
      const answer = this.answers.shift() ?? answered(200);
      this.nowMs += answer.durationMs;
      return answer;
    },
  };
  readonly queue = {
    send: async (requests: readonly DeliveryRequest[], delaySeconds = 0) => {
      this.waiting.push(...requests.map((request) => ({ request, atMs: this.nowMs + delaySeconds * 1000 })));
    },
  };
  readonly events = {
    find: async (tenant: string, eventId: string) =>
      this.store.events.find((event) => event.tenant === tenant && event.eventId === eventId),
  };
  readonly random = () => 0;

  context(overrides: Parameters<typeof makeTestContext>[0] = {}) {
    return makeTestContext({ nowMs: this.nowMs, ...overrides });
  }

  async webhook(input: Partial<WebhookInput> = {}, context = this.context()) {
    const events = [{ entity: 'REGISTERED_MODEL', action: 'CREATED' }] as const;
    const { webhook } = await createWebhook(this, context, {
      ...{ name: 'hook', url: 'https://hooks.example.com/in', events },
      ...input,
    });
    return webhook.webhook_id;
  }

  /** What the bus would bring to the queue. */
  async relay(event: PlatformEvent | undefined = this.store.events.at(-1)) {
    return planDeliveries(this, event!);
  }

  /** Delivers what waits until the queue is empty, moving the clock to each message's time. */
  async run() {
    for (let next = this.waiting.shift(); next !== undefined; next = this.waiting.shift()) {
      this.nowMs = Math.max(this.nowMs, next.atMs);
      await this.attempt(next.request);
    }
  }

  attempt(request: DeliveryRequest) {
    return attemptDelivery(this, this.context({ tenant: request.tenant }), request);
  }
}

export function answered(status: number, more: object = {}): ReceiverAnswer {
  return { kind: 'answered', status, body: '', durationMs: 5, ...more };
}

function ownerMark(boundTo: string): string {
  return createHash('sha256').update(boundTo).digest('hex').slice(0, 8);
}
