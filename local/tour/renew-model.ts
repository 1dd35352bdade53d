import type { Flight } from './flight.ts';
import { callersOf, type ServedEndpoint } from './roll-out-version.ts';
import { hold, type Say } from './step-log.ts';
import type { TourContext } from './tour-context.ts';
import { watchTraining } from './train-model.ts';
import { waitFor } from './wait-for.ts';
import { summarizeDecisions, watchRollout } from './watch-rollout.ts';

/** Watches the training that the policy started; nothing is handed in for it. */
export async function watchRenewal(context: TourContext, executionId: string, say: Say) {
  const { as, names } = context;
  const execution = await watchTraining(context, executionId, say);
  const dataset = await as.viewer.datasets.getDatasetVersion({
    params: { name: names.dataset, v: String(execution.datasetVersion) },
  });
  hold(dataset.source.kind === 'captures', 'The renewal was not trained on captured rows.');
  const { captured = 0, labelled = 0 } = dataset.coverage ?? {};
  const name = `${names.dataset}/${execution.datasetVersion}`;
  say(`dataset ${name}: ${dataset.rows} rows, of them ${captured} captured and ${labelled} labelled here`);
  const { modelVersion: version, champion, metrics } = execution;
  const comparison = findComparison(execution.steps);
  hold((comparison?.advantage ?? 0) > 0, 'The renewed version is no better than the one that serves.');
  const evidence = {
    ...{ execution: executionId, dataset: name, rows: dataset.rows, coverage: dataset.coverage },
    ...{ version, champion, metrics, comparison },
  };
  return { value: version, evidence };
}

/** How the candidate did beside the version that serves, on rows that neither was fitted to. */
function findComparison(
  steps: readonly { readonly name: string; readonly result: Record<string, unknown> }[],
): { readonly advantage: number } | null {
  const evaluated = steps.find(({ name }) => name === 'EvaluateModel')?.result.comparison;
  return (evaluated ?? null) as { readonly advantage: number } | null;
}

/** The winner rolls out by itself, under the traffic of the days that follow, until it has all of it. */
export async function watchPromotion(
  context: TourContext,
  endpoint: ServedEndpoint,
  version: number,
  flights: readonly Flight[],
  say: Say,
) {
  const { as } = context;
  const callers = callersOf(context, endpoint).start(flights);
  const watched = watchAutomaticRollout(context, endpoint.name, version, say);
  const rollout = await watched.finally(() => callers.stop());
  const count = await callers.finish();
  hold(rollout.outcome === 'PROMOTED', `The rollout ended ${rollout.outcome}: ${rollout.reason ?? ''}`);
  hold(rollout.trigger === 'approval', `The rollout was started by ${rollout.trigger}, not by the platform.`);
  hold(count.failed === 0, `${count.failed} of ${count.requests} requests failed during the rollout.`);
  const served = await as.viewer.deployment.getEndpoint({ params: { name: endpoint.name } });
  hold(served.version === version, `The endpoint serves version ${served.version}, not ${version}.`);
  const deployed = await findModelDeployed(context, endpoint.name);
  say(`ModelDeployed at ${deployed.occurredAt}: version ${version} has all the traffic`);
  const evidence = {
    ...{ rollout: rollout.id, trigger: rollout.trigger, outcome: rollout.outcome },
    ...{ decisions: summarizeDecisions(rollout), traffic: count, modelDeployed: deployed.eventId },
  };
  return { value: rollout, evidence };
}

async function watchAutomaticRollout(context: TourContext, name: string, version: number, say: Say) {
  const started = await waitFor(
    `A rollout of version ${version}`,
    async () => {
      const { items } = await context.as.viewer.deployment.listRollouts({ params: { name } });
      return items.find((rollout) => rollout.version === version);
    },
    { timeoutSeconds: 60, intervalSeconds: 0.5 },
  );
  say(`rollout ${started.id} was started by ${started.trigger}: ${started.triggerReason ?? ''}`);
  return watchRollout(context, started.id, say);
}

/** The audit follows its event within seconds. */
function findModelDeployed({ as }: TourContext, endpoint: string) {
  const resource = `endpoints/${endpoint}`;
  return waitFor(
    'ModelDeployed in the audit',
    async () => {
      const { items } = await as.admin.governance.listAudit({ query: { resource, limit: 50 } });
      return items.find((entry) => entry.resource === resource && entry.action.endsWith('.ModelDeployed'));
    },
    { timeoutSeconds: 30 },
  );
}
