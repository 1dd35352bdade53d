import { afterAll, beforeAll } from 'vitest';
import { type Cloud, findRunningCloud } from '../../local/cloud.ts';
import { SHARED_CLOUD, startTestCloud } from './test-cloud.ts';

/**
 * The suite's local cloud, for tests that leave it as they found it: use a tenant of your own. A file that is
 * run alone gets a cloud for itself. Tests that kill the emulator start their own with `startCloud`.
 */
export function useCloud(): () => Cloud {
  let cloud: Cloud | undefined;
  beforeAll(async () => {
    const directory = process.env[SHARED_CLOUD];
    cloud = directory === undefined ? await startTestCloud() : await findRunningCloud(directory);
  });
  afterAll(() => cloud?.stop());
  return () => {
    if (cloud === undefined) throw new Error('The local cloud of the suite does not answer.');
    return cloud;
  };
}
