import { join, resolve } from 'node:path';
import { measureEntry } from '../measure-entry.ts';

const ROOT = resolve(import.meta.dirname, '../..');

/** The function of MLflow's tracking API: its bundle, and a process that loads it minus one that does nothing. */
export function measureTrackingFunction() {
  return measureEntry(join(ROOT, 'functions/tracking/answer-api/handler.ts'), {
    PLATFORM_TABLE_NAME: 'platform',
    TRACKING_TABLE_NAME: 'tracking',
    TENANT_LIMIT: JSON.stringify({ requestsPerSecond: 500, burst: 1000 }),
    AWS_REGION: 'us-east-1',
  });
}
