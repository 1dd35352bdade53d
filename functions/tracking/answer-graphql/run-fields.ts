import type { FieldResolvers, Message } from '../../../adapters/graphql/answer-query.ts';
import type { MlflowModelVersion } from '../../../domain/registry/mlflow-routes.ts';
import { searchModelVersions } from '../../../domain/registry/search/search-versions.ts';
import type { CallContext } from '../../../domain/shared/call-context.ts';
import { getExperiment } from '../../../domain/tracking/experiments/experiment.ts';
import { toMlflowExperiment } from '../../../domain/tracking/views.ts';
import { collectCalls } from './collect-calls.ts';
import { store } from './dependencies.ts';

/** What GraphQL shows of a run beyond REST: its experiment and the versions that were registered from it. */
export function makeRunFields(context: CallContext): FieldResolvers {
  const experimentOf = collectCalls((ids) => readExperiments(context, ids));
  const versionsOf = collectCalls((runIds) => readVersions(context, runIds));
  return {
    'MlflowRunExtension.experiment': ({ info }) => experimentOf(String((info as Message).experiment_id)),
    'MlflowRunExtension.modelVersions': async ({ info }) =>
      (await versionsOf(String((info as Message).run_id))) ?? [],
  };
}

async function readExperiments(context: CallContext, ids: readonly string[]) {
  const found = ids.map(async (id) => {
    const { value } = await getExperiment(store, context, id);
    return [id, toMlflowExperiment(value)] as const;
  });
  return new Map(await Promise.all(found));
}

async function readVersions(
  context: CallContext,
  runIds: readonly string[],
): Promise<ReadonlyMap<string, readonly MlflowModelVersion[]>> {
  const [first] = runIds;
  const filter =
    runIds.length === 1 ? `run_id = '${first}'` : `run_id IN (${runIds.map((id) => `'${id}'`).join(',')})`;
  const { model_versions } = await searchModelVersions(store, context, { filter, order_by: [] });
  return Map.groupBy(model_versions, ({ run_id }) => run_id);
}
