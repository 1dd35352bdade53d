import { join } from 'node:path';
import { type Cloud, startCloud } from '../../local/cloud.ts';
import { findFreePort } from './free-port.ts';
import { ROOT } from './source-files.ts';

/** Folder of the cloud that `test/run.ts` runs for the whole suite. */
export const SHARED_CLOUD = 'PERENNIAL_TEST_CLOUD';

/** A cloud without state, with Python's environment kept from the last time. */
export async function startTestCloud(): Promise<Cloud> {
  return startCloud({
    directory: join(ROOT, '.perennial/test-cloud'),
    port: await findFreePort(),
    cloudPort: await findFreePort(),
    fresh: true,
  });
}
