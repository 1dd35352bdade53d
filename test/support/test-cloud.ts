import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Cloud, startCloud } from '../../local/cloud.ts';
import { findFreePort } from './free-port.ts';
import { ensureTestPython } from './python-environment.ts';

/** Variable with the folder of the cloud that the suite runs on; set beforehand, that cloud is used and kept. */
export const SHARED_CLOUD = 'PERENNIAL_TEST_CLOUD';

/** What a test would otherwise wait for: evaluations every 5 minutes, captures buffered for one. */
const QUICK = { driftEvaluationMinutes: '1', captureBufferSeconds: '0' };

/** A cloud without state in a folder of its own; `stop` forgets it. */
export async function startTestCloud(): Promise<Cloud> {
  const directory = await mkdtemp(join(tmpdir(), 'perennial-test-cloud-'));
  const forget = () => rm(directory, { recursive: true, force: true, maxRetries: 5 });
  try {
    const [port, cloudPort] = [await findFreePort(), await findFreePort()];
    const cloud = await startCloud({ directory, port, cloudPort, context: QUICK });
    return { ...cloud, stop: () => cloud.stop().then(forget) };
  } catch (error) {
    await forget();
    throw error;
  }
}

/**
 * Vitest's global setup: one cloud for all files, because a start with its deployment takes most of a minute,
 * and one Python, because files that run side by side would make it over each other.
 */
export default async function setUp(): Promise<(() => Promise<void>) | undefined> {
  ensureTestPython();
  if (process.env[SHARED_CLOUD] !== undefined) return undefined;
  const cloud = await startTestCloud();
  process.env[SHARED_CLOUD] = cloud.directory;
  return async () => {
    delete process.env[SHARED_CLOUD];
    await cloud.stop();
  };
}
