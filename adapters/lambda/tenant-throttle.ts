import { TooManyRequestsError } from '../../domain/shared/domain-error.ts';
import { type RateLimit, TenantLimiter } from '../../domain/shared/token-bucket.ts';
import { createSharedBucket } from '../dynamodb/shared-bucket.ts';

/** Refuses requests of a tenant above its limit. @throws TooManyRequestsError */
export type TenantThrottle = (tenant: string) => Promise<void>;

/** The limits that an installation gives each tenant, as functions get them. */
export interface ThrottleEnvironment {
  readonly PLATFORM_TABLE_NAME: string;
  readonly TENANT_LIMIT: RateLimit;
}

/** The throttle of one environment, on the bucket that all share. */
export function makeTenantThrottle({
  PLATFORM_TABLE_NAME,
  TENANT_LIMIT,
}: ThrottleEnvironment): TenantThrottle {
  const limiter = new TenantLimiter(createSharedBucket(PLATFORM_TABLE_NAME), TENANT_LIMIT);
  return async (tenant) => {
    const waitMs = await limiter.admit(tenant, Date.now());
    if (waitMs === 0) return;
    const { requestsPerSecond } = TENANT_LIMIT;
    throw new TooManyRequestsError(
      `The tenant may send ${requestsPerSecond} requests a second; try again in a moment.`,
      Math.ceil(waitMs / 1000),
    );
  };
}
