import type { FilledServer } from './fill-tracking-server.ts';

/**
 * What MLflow's GraphQL can be asked beyond what today's pages ask, with what is refused. Not in it: a range of
 * steps, which MLflow's own server overlooks, and a view type, over which it fails.
 */
export function listGraphqlQueries({ experimentId, runIds }: FilledServer): readonly string[] {
  const [careful, bold] = runIds;
  const inExperiment = `experimentIds: ["${experimentId}"]`;
  return [
    `{ mlflowListArtifacts(input: {runId: "${bold}"}) { rootUri nextPageToken files { path isDir fileSize } } }`,
    `{ mlflowListArtifacts(input: {runId: "${bold}", path: "model"}) { files { path isDir fileSize } } }`,
    `{ mlflowListArtifacts(input: {runId: "${bold}", path: "../x"}) { files { path } } }`,
    `{ mlflowGetMetricHistoryBulkInterval(
        input: {runIds: ["${careful}", "${bold}"], metricKey: "auc", maxResults: 100}
      ) { apiError { code } metrics { runId key step timestamp value } } }`,
    `{ mlflowSearchModelVersions(input: {filter: "name='flight-delays'", orderBy: ["version_number ASC"]}) {
        modelVersions { name version status currentStage aliases tags { key value } runId modelId
          creationTimestamp modelParams { name } modelMetrics { key } } nextPageToken } }`,
    `{ mlflowGetExperiment(input: {experimentId: "424242"}) { experiment { name } apiError { code } } }`,
    `{ mlflowGetRun(input: {runId: "${'0'.repeat(32)}"}) { run { info { runId } } } }`,
    `mutation { mlflowSearchRuns(
        input: {${inExperiment}, orderBy: ["metrics.auc DESC"], maxResults: 2}
      ) { runs { info { runName status endTime } experiment { name } modelVersions { version }
          data { metrics { key value } params { key value } } } } }`,
    `query { mlflowSearchRuns(input: {${inExperiment}, filter: "bad bad"}) { runs { info { runName } } } }`,
    `mutation { mlflowSearchDatasets(input: {${inExperiment}}) {
        datasetSummaries { experimentId name digest context } } }`,
    `mutation { mlflowSearchDatasets(input: {experimentIds: []}) { datasetSummaries { name } } }`,
    '{ test(inputString: "abc") { output } }',
    'mutation { testMutation(inputString: "abc") { output } }',
    `{ ${Array.from({ length: 11 }, (_, n) => `a${n}: test(inputString: "x") { output }`).join(' ')} }`,
  ];
}
