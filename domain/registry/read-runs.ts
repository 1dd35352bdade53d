import type { RunStore } from '../tracking/ports.ts';
import type { RunReader } from './ports.ts';

/** Runs of the tracking capability as sources of versions. */
export function createRunReader(runs: Pick<RunStore, 'find'>): RunReader {
  return {
    async find(tenant, runId) {
      const stored = await runs.find(tenant, runId);
      if (stored === undefined || stored.run.lifecycleStage === 'deleted') return undefined;
      const metrics = Object.entries(stored.run.latest)
        .filter(([, point]) => Number.isFinite(point.value))
        .map(([key, point]) => [key, point.value] as const);
      return { prefix: toPrefix(tenant, stored.run.artifactUri), metrics: Object.fromEntries(metrics) };
    },
  };
}

/** Prefix in the artifact bucket of an `mlflow-artifacts:/` address, ending with `/`; undefined for others. */
export function toPrefix(tenant: string, uri: string): string | undefined {
  const path = /^mlflow-artifacts:\/+(.+?)\/*$/.exec(uri)?.[1];
  return path === undefined ? undefined : `tenants/${tenant}/experiments/${path}/`;
}
