/** A share of the API: requests a second on average, and how many may come at once. */
export interface RateLimit {
  readonly requestsPerSecond: number;
  readonly burst: number;
}

/** Tokens that were taken, or how long to wait for the first one. */
export type Taken = { readonly tokens: number } | { readonly waitMs: number };

/** A tenant's bucket, shared by all environments of all functions. */
export interface SharedBucket {
  /** Takes that many tokens, or none. */
  take(tenant: string, tokens: number, limit: RateLimit, nowMs: number): Promise<Taken>;
}

interface Lease {
  readonly tokens: number;
  readonly endsMs: number;
}

/** Tokens an environment takes at a time: asking for each request would cost as much as the request. */
const LEASE_TOKENS = 20;
/** What a quiet environment did not use by then is lost, so that it cannot save it up for a burst. */
const LEASE_MS = 2000;

/**
 * Lets a tenant's requests through up to its limit, asking the shared bucket once for some twenty of them.
 *
 * @returns how long to wait, 0 for a request that may pass
 */
export class TenantLimiter {
  readonly #bucket: SharedBucket;
  readonly #limit: RateLimit;
  readonly #leases = new Map<string, Lease>();

  constructor(bucket: SharedBucket, limit: RateLimit) {
    this.#bucket = bucket;
    this.#limit = limit;
  }

  async admit(tenant: string, nowMs: number): Promise<number> {
    const lease = this.#leases.get(tenant);
    if (lease !== undefined && lease.tokens > 0 && lease.endsMs > nowMs) {
      this.#leases.set(tenant, { ...lease, tokens: lease.tokens - 1 });
      return 0;
    }
    const wanted = Math.max(1, Math.min(LEASE_TOKENS, Math.floor(this.#limit.burst / 10)));
    const many = await this.#bucket.take(tenant, wanted, this.#limit, nowMs);
    const taken =
      'tokens' in many || wanted === 1 ? many : await this.#bucket.take(tenant, 1, this.#limit, nowMs);
    if ('waitMs' in taken) return taken.waitMs;
    this.#leases.set(tenant, { tokens: taken.tokens - 1, endsMs: nowMs + LEASE_MS });
    return 0;
  }
}
