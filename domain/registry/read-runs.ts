import type { RunStore } from '../tracking/ports.ts';
import { decodeFully } from './mlflow-source-uri.ts';
import type { RunLineage, RunReader } from './ports.ts';

type FoundRun = NonNullable<Awaited<ReturnType<RunStore['find']>>>['run'];

/**
 * A version keeps no metric beyond it, and none that is NaN: the platform's table refuses larger numbers, and
 * MLflow's infinities are among them.
 */
const MAX_METRIC = Number.MAX_SAFE_INTEGER;
/** Tag of a logged dataset that says what it was used for (training, evaluation …). */
const CONTEXT_TAG = 'mlflow.data.context';

/** Runs of the tracking capability as sources of versions. */
export function createRunReader(runs: Pick<RunStore, 'find'>): RunReader {
  return {
    async find(tenant, runId) {
      const stored = await runs.find(tenant, runId);
      if (stored === undefined || stored.run.lifecycleStage === 'deleted') return undefined;
      const metrics = Object.entries(stored.run.latest)
        .filter(([, point]) => Math.abs(point.value) <= MAX_METRIC)
        .map(([key, point]) => [key, point.value] as const);
      return {
        prefix: toPrefix(tenant, stored.run.artifactUri),
        metrics: Object.fromEntries(metrics),
        lineage: toLineage(stored.run),
      };
    },
  };
}

function toLineage({ tags, inputs }: FoundRun): RunLineage {
  const { 'mlflow.source.name': name, 'mlflow.source.type': type } = tags;
  const commit = tags['mlflow.source.git.commit'];
  const datasets = inputs.map((input) => ({
    name: input.name,
    digest: input.digest,
    context: input.tags.find(({ key }) => key === CONTEXT_TAG)?.value,
  }));
  return {
    ...(name === undefined && type === undefined ? {} : { code: { name, type } }),
    // A hash has 40 or 64 digits; whatever else somebody set is no commit.
    ...(commit !== undefined && /^[0-9a-f]{7,64}$/.test(commit) ? { codeCommit: commit } : {}),
    ...(datasets.length === 0 ? {} : { datasets }),
  };
}

/** Prefix in the artifact bucket of an `mlflow-artifacts:/` address, ending with `/`; undefined for others. */
export function toPrefix(tenant: string, uri: string): string | undefined {
  const path = /^mlflow-artifacts:\/(?!\/[^/])(.+)$/.exec(uri)?.[1];
  if (path === undefined) return undefined;
  // The artifact proxy decodes paths and leaves empty segments out.
  const parts = decodeFully(path)
    .split('/')
    .filter((part) => part !== '');
  return parts.length === 0 ? undefined : `tenants/${tenant}/experiments/${parts.join('/')}/`;
}
