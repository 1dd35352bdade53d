import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import type { SharedBucket } from '../../domain/shared/token-bucket.ts';

const LIMIT = { requestsPerSecond: 10, burst: 50 };

/** What every shared bucket must do; run over the in-memory and the DynamoDB one. */
export function describeSharedBucket(name: string, open: () => Promise<SharedBucket>): void {
  let bucket: SharedBucket;
  const newTenant = () => `t${randomUUID().slice(0, 8)}`;
  const now = Date.now();

  describe(`the shared bucket (${name})`, () => {
    beforeAll(async () => {
      bucket = await open();
    });

    it('gives a burst, then nothing, then what time has filled in', async () => {
      const tenant = newTenant();

      const burst = await bucket.take(tenant, 50, LIMIT, now);
      const empty = await bucket.take(tenant, 5, LIMIT, now);
      const filled = await bucket.take(tenant, 5, LIMIT, now + 500);

      expect([burst, empty, filled]).toEqual([{ tokens: 50 }, { waitMs: 500 }, { tokens: 5 }]);
    });

    it('keeps tenants apart', async () => {
      await bucket.take(newTenant(), 50, LIMIT, now);

      expect(await bucket.take(newTenant(), 50, LIMIT, now)).toEqual({ tokens: 50 });
    });

    it('never gives out more than there is, however many ask at once', async () => {
      const tenant = newTenant();

      const taken = await Promise.all(Array.from({ length: 20 }, () => bucket.take(tenant, 5, LIMIT, now)));

      expect(taken.filter((answer) => 'tokens' in answer)).toHaveLength(10);
    });
  });
}
