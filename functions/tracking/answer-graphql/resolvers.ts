import type { FieldResolvers, Message } from '../../../adapters/graphql/answer-query.ts';
import { registryRoutes } from '../../../domain/registry/contract.ts';
import { searchModelVersions } from '../../../domain/registry/search/search-versions.ts';
import type { CallContext } from '../../../domain/shared/call-context.ts';
import { artifactRoutes } from '../../../domain/tracking/artifact-contract.ts';
import { checkArtifactPath } from '../../../domain/tracking/artifacts/artifact-path.ts';
import { listArtifacts } from '../../../domain/tracking/artifacts/list-artifacts.ts';
import { requireLocationAccess } from '../../../domain/tracking/artifacts/require-artifact-access.ts';
import { trackingRoutes } from '../../../domain/tracking/contract.ts';
import { getExperiment } from '../../../domain/tracking/experiments/experiment.ts';
import { sampleMetricHistories } from '../../../domain/tracking/metrics/metric-sample.ts';
import { resolveInputs } from '../../../domain/tracking/runs/log-inputs.ts';
import { getRun } from '../../../domain/tracking/runs/manage-runs.ts';
import { searchDatasets } from '../../../domain/tracking/runs/search-datasets.ts';
import { searchRuns } from '../../../domain/tracking/runs/search-runs.ts';
import { toMlflowExperiment, toMlflowMetricOfRun, toMlflowRun } from '../../../domain/tracking/views.ts';
import { files, runs, store } from './dependencies.ts';
import { parseInput } from './parse-input.ts';
import { makeRunFields } from './run-fields.ts';

/** The resolvers of one call; each does what the REST call of its name does, and answers the same message. */
export function makeResolvers(context: CallContext): FieldResolvers {
  const search = (_: Message, input: Message) => findRuns(context, input);
  return {
    'Query.mlflowGetExperiment': (_, input) => readExperiment(context, input),
    'Query.mlflowGetRun': (_, input) => readRun(context, input),
    'Query.mlflowGetMetricHistoryBulkInterval': (_, input) => sampleHistories(context, input),
    'Query.mlflowListArtifacts': (_, input) => readFolder(context, input),
    'Query.mlflowSearchModelVersions': (_, input) =>
      searchModelVersions(store, context, parseInput(registryRoutes.searchModelVersions.query, input)),
    'Query.mlflowSearchRuns': search,
    'Mutation.mlflowSearchRuns': search,
    'Mutation.mlflowSearchDatasets': (_, input) => findDatasets(context, input),
    'Query.test': (_, { input_string }) => ({ output: input_string }),
    'Mutation.testMutation': () => null,
    ...makeRunFields(context),
  };
}

async function readExperiment(context: CallContext, input: Message) {
  const { experiment_id } = parseInput(trackingRoutes.getExperiment.query, input);
  const { value } = await getExperiment(store, context, experiment_id);
  return { experiment: toMlflowExperiment(value) };
}

async function readRun(context: CallContext, input: Message) {
  const run = await getRun(runs, context, parseInput(trackingRoutes.getRun.query, input).run_id);
  const datasets = await resolveInputs(runs, context.tenant, [run]);
  return { run: toMlflowRun(run, datasets.get(run.runId)) };
}

async function readFolder(context: CallContext, input: Message) {
  const asked = parseInput(artifactRoutes.listRunArtifacts.query, input);
  const path = checkArtifactPath(asked.path ?? '');
  const { artifactUri } = await getRun(runs, context, asked.run_id);
  const { key } = await requireLocationAccess(store, context, { artifactUri, path }, 'READ');
  return { root_uri: artifactUri, files: await listArtifacts(files, key, path) };
}

async function findRuns(context: CallContext, input: Message) {
  const search = parseInput(trackingRoutes.searchRuns.body, input);
  const found = await searchRuns(runs, context, {
    experimentIds: search.experiment_ids,
    filter: search.filter,
    viewType: search.run_view_type,
    maxResults: search.max_results,
    orderBy: search.order_by,
    pageToken: search.page_token,
  });
  const datasets = await resolveInputs(runs, context.tenant, found.runs);
  return {
    runs: found.runs.map((run) => toMlflowRun(run, datasets.get(run.runId))),
    next_page_token: found.nextPageToken,
  };
}

async function findDatasets(context: CallContext, input: Message) {
  const { experiment_ids } = parseInput(trackingRoutes.searchDatasets.body, input);
  return { dataset_summaries: await searchDatasets(runs, context, experiment_ids) };
}

async function sampleHistories(context: CallContext, input: Message) {
  const sample = parseInput(trackingRoutes.sampleMetricHistories.query, input);
  const found = await sampleMetricHistories(runs, context, {
    runIds: sample.run_ids,
    metricKey: sample.metric_key,
    maxResults: sample.max_results,
    startStep: sample.start_step,
    endStep: sample.end_step,
  });
  return { metrics: found.map(toMlflowMetricOfRun) };
}
