import { describe, expect, it } from 'vitest';
import { MemorySharedBucket } from '../../../../adapters/memory/memory-shared-bucket.ts';
import { TenantLimiter } from '../../../../domain/shared/token-bucket.ts';
import { describeSharedBucket } from '../../../contract/shared-bucket-contract.ts';

const LIMIT = { requestsPerSecond: 10, burst: 50 };

describeSharedBucket('in memory', async () => new MemorySharedBucket());

describe('a tenant limiter', () => {
  async function admit(limiter: TenantLimiter, requests: number, nowMs: number): Promise<number> {
    let passed = 0;
    for (let i = 0; i < requests; i++) if ((await limiter.admit('acme', nowMs)) === 0) passed += 1;
    return passed;
  }

  it('lets a burst pass, then the rate, whatever was saved up', async () => {
    const limiter = new TenantLimiter(new MemorySharedBucket(), LIMIT);

    const atOnce = await admit(limiter, 200, 0);
    const aSecondLater = await admit(limiter, 200, 1000);
    const muchLater = await admit(limiter, 200, 100_000);

    expect([atOnce, aSecondLater, muchLater]).toEqual([50, 10, 50]);
  });

  it('holds all environments to one limit', async () => {
    const bucket = new MemorySharedBucket();
    const limiters = Array.from({ length: 4 }, () => new TenantLimiter(bucket, LIMIT));

    const passed = await Promise.all(limiters.map((limiter) => admit(limiter, 100, 0)));

    expect(passed.reduce((sum, count) => sum + count, 0)).toBe(50);
  });

  it('says how long to wait, and asks the bucket once for several requests', async () => {
    const bucket = new MemorySharedBucket();
    let asked = 0;
    const counting = {
      take: (...args: Parameters<MemorySharedBucket['take']>) => {
        asked += 1;
        return bucket.take(...args);
      },
    };
    const limiter = new TenantLimiter(counting, { requestsPerSecond: 100, burst: 1000 });
    await admit(limiter, 100, 0);

    expect(asked).toBe(5);
    expect(await admit(limiter, 2000, 0)).toBe(900);
    expect(await limiter.admit('acme', 0)).toBeGreaterThan(0);
    expect(await limiter.admit('other', 0)).toBe(0);
  });
});
