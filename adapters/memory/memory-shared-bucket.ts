import type { RateLimit, SharedBucket, Taken } from '../../domain/shared/token-bucket.ts';

/** Buckets without AWS; the contract suite holds them to DynamoDB's. */
export class MemorySharedBucket implements SharedBucket {
  readonly #fullAt = new Map<string, number>();

  async take(tenant: string, tokens: number, limit: RateLimit, nowMs: number): Promise<Taken> {
    const costMs = (tokens / limit.requestsPerSecond) * 1000;
    const latest = nowMs + (limit.burst / limit.requestsPerSecond) * 1000 - costMs;
    const fullAt = Math.max(nowMs, this.#fullAt.get(tenant) ?? 0);
    if (fullAt > latest && fullAt > nowMs) return { waitMs: Math.max(1, fullAt - latest) };
    this.#fullAt.set(tenant, fullAt + costMs);
    return { tokens };
  }
}
