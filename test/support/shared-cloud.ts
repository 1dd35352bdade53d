import { beforeAll } from 'vitest';
import { type Cloud, findRunningCloud } from '../../local/cloud.ts';
import { SHARED_CLOUD } from './test-cloud.ts';

/**
 * The suite's local cloud, for tests that leave it as they found it: use a tenant of your own. Tests that kill
 * the emulator start their own with `startTestCloud`.
 */
export function useCloud(): () => Cloud {
  let cloud: Cloud | undefined;
  beforeAll(async () => {
    // Busy with other files, it may need more than one try.
    for (let tries = 0; cloud === undefined && tries < 20; tries += 1) {
      cloud = await findRunningCloud(process.env[SHARED_CLOUD]);
    }
  });
  return () => {
    if (cloud === undefined) throw new Error('The local cloud of the suite does not answer.');
    return cloud;
  };
}
