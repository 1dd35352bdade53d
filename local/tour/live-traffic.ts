import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '../../sdk/index.ts';
import { type Flight, toDataframeSplit } from './flight.ts';

export interface TrafficOptions {
  readonly endpoint: string;
  /** The endpoint's `url`. */
  readonly url: string;
  readonly client: Client;
  readonly token: string;
  readonly rowsPerRequest: number;
  readonly requestsPerSecond: number;
  /** Whether what really happened is posted as ground truth. */
  readonly labels: boolean;
  /** Changes rows on their way, for an injected fault. */
  readonly alter?: (flights: readonly Flight[]) => readonly Flight[];
}

/** What callers saw. */
export interface TrafficCount {
  rows: number;
  requests: number;
  failed: number;
  labels: number;
  /** Requests answered by each version. */
  readonly byVersion: Record<string, number>;
  lastAnswerAt: number;
}

export interface Label {
  readonly predictionId: string;
  readonly row: number;
  readonly value: number;
}

/** Requests in flight at once; callers that are slower than this wait their turn. */
const MOST_IN_FLIGHT = 4;
const LABELS_PER_CALL = 1000;

/** Calls an endpoint with flights in their order at an even pace, and posts afterwards what happened. */
export class LiveTraffic {
  readonly count: TrafficCount = {
    ...{ rows: 0, requests: 0, failed: 0, labels: 0, lastAnswerAt: 0 },
    byVersion: {},
  };
  readonly #options: TrafficOptions;
  #labels: Label[] = [];
  #posting: Promise<void> = Promise.resolve();
  #isStopped = false;
  #running: Promise<void> = Promise.resolve();

  constructor(options: TrafficOptions) {
    this.#options = options;
  }

  /** Serves all flights, or those until `stop`. */
  start(flights: readonly Flight[]): this {
    this.#running = this.#send(flights);
    // Told by `stop`: the tour looks at the traffic only then.
    this.#running.catch(() => {});
    return this;
  }

  /** Waits until every flight is served and every label is posted. */
  async finish(): Promise<TrafficCount> {
    await this.#running;
    return this.count;
  }

  stop(): Promise<TrafficCount> {
    this.#isStopped = true;
    return this.finish();
  }

  async #send(flights: readonly Flight[]): Promise<void> {
    const { rowsPerRequest, requestsPerSecond } = this.#options;
    const inFlight = new Set<Promise<void>>();
    let due = Date.now();
    for (let start = 0; start < flights.length && !this.#isStopped; start += rowsPerRequest) {
      const request = this.#call(flights.slice(start, start + rowsPerRequest));
      inFlight.add(request);
      request.finally(() => inFlight.delete(request)).catch(() => {});
      if (inFlight.size >= MOST_IN_FLIGHT) await Promise.race(inFlight);
      due += 1000 / requestsPerSecond;
      await delay(Math.max(0, due - Date.now()));
      if (this.#labels.length >= LABELS_PER_CALL) this.#postLabels();
    }
    await Promise.all(inFlight);
    while (this.#labels.length > 0) this.#postLabels();
    await this.#posting;
  }

  async #call(flights: readonly Flight[]): Promise<void> {
    const { url, token, labels, alter } = this.#options;
    this.count.requests += 1;
    const response = await fetch(`${url}/invocations`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(toDataframeSplit(alter === undefined ? flights : alter(flights))),
    });
    await response.arrayBuffer();
    const version = response.headers.get('x-model-version') ?? 'none';
    this.count.byVersion[version] = (this.count.byVersion[version] ?? 0) + 1;
    this.count.lastAnswerAt = Date.now();
    if (!response.ok) {
      this.count.failed += 1;
      return;
    }
    this.count.rows += flights.length;
    const predictionId = response.headers.get('x-prediction-id');
    if (!labels || predictionId === null) return;
    this.#labels.push(...flights.map(({ late }, row) => ({ predictionId, row, value: late })));
  }

  /** One call after the other, beside the traffic: what happened is known later than what was predicted. */
  #postLabels(): void {
    const labels = this.#labels.slice(0, LABELS_PER_CALL);
    this.#labels = this.#labels.slice(LABELS_PER_CALL);
    const { client, endpoint } = this.#options;
    this.#posting = this.#posting.then(async () => {
      await client.monitoring.postGroundTruth({ params: { name: endpoint }, body: { labels } });
      this.count.labels += labels.length;
    });
    // Told by `finish`.
    this.#posting.catch(() => {});
  }
}
