import { defineConfig } from 'vitest/config';
import { SlowFilesFirst } from './test/support/slow-files-first.ts';

/** One project per cost (docs/adr/0002-test-suites.md); `test/run.ts` runs them in this order. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          testTimeout: 30_000,
          sequence: { shuffle: true },
        },
      },
      { test: { name: 'architecture', include: ['test/architecture/**/*.test.ts'], testTimeout: 60_000 } },
      {
        test: {
          name: 'infrastructure',
          include: ['test/infrastructure/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          globalSetup: ['test/support/test-cloud.ts'],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          // They wait for the cloud more than they compute; each has tenants of its own. No more of
          // them: functions that start take seconds of a core, and rollouts have minutes to meet.
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
        },
      },
    ],
    sequence: { sequencer: SlowFilesFirst },
    coverage: { provider: 'v8', include: ['domain/**/*.ts'], reporter: ['text-summary', 'json-summary'] },
  },
});
