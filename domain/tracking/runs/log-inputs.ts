import type { CallContext } from '../../shared/call-context.ts';
import type { RunStore } from '../ports.ts';
import { checkDatasetInput, checkRunId } from '../validation.ts';
import { changeRun, loadRun } from './change-run.ts';
import type { Dataset, DatasetInput, DatasetReference, Run } from './run.ts';
import { requireActiveRun } from './run-lifecycle.ts';

/** The tag of a use that says what for: `training`, `eval`. */
const CONTEXT_TAG = 'mlflow.data.context';

const nameOf = ({ name, digest }: Pick<Dataset, 'name' | 'digest'>) => JSON.stringify([name, digest]);

/** Adds what a run used: datasets (one that is known by name and digest stays as it is) and logged models. */
export async function logInputs(
  runs: RunStore,
  context: CallContext,
  runId: string,
  datasets: readonly DatasetInput[],
  models: readonly string[] = [],
): Promise<void> {
  checkRunId(runId);
  for (const input of datasets) checkDatasetInput(input);
  const { run } = await loadRun(runs, context, runId, 'EDIT');
  requireActiveRun(run);
  // Before the run names them: a reader of the run finds them.
  await runs.addDatasets(
    context.tenant,
    run.experimentId,
    datasets.map(({ dataset, tags }) => ({ dataset, contexts: contextsOf(tags) })),
  );
  await changeRun(runs, context, runId, (current) => addInputs(current, datasets, models));
}

/** A use without a context counts as one with an empty one: MLflow lists both alike. */
function contextsOf(tags: DatasetInput['tags']): string[] {
  const contexts = tags.filter(({ key }) => key === CONTEXT_TAG).map(({ value }) => value);
  return contexts.length === 0 ? [''] : contexts;
}

function addInputs(run: Run, datasets: readonly DatasetInput[], models: readonly string[]): Run {
  const known = new Set(run.inputs.map(nameOf));
  const inputs: DatasetReference[] = [];
  for (const { dataset, tags } of datasets) {
    if (known.has(nameOf(dataset))) continue;
    known.add(nameOf(dataset));
    inputs.push({ name: dataset.name, digest: dataset.digest, tags });
  }
  const newModels = [...new Set(models)].filter((model) => !run.modelInputs.includes(model));
  if (inputs.length === 0 && newModels.length === 0) return run;
  return { ...run, inputs: [...run.inputs, ...inputs], modelInputs: [...run.modelInputs, ...newModels] };
}

/** Runs with the datasets that they name, which are read together. */
export async function resolveInputs(
  runs: Pick<RunStore, 'findDatasets'>,
  tenant: string,
  found: readonly Run[],
): Promise<ReadonlyMap<string, readonly DatasetInput[]>> {
  const byExperiment = Map.groupBy(
    found.filter(({ inputs }) => inputs.length > 0),
    ({ experimentId }) => experimentId,
  );
  const resolved = new Map<string, readonly DatasetInput[]>();
  for (const [experimentId, members] of byExperiment) {
    const wanted = new Map(members.flatMap(({ inputs }) => inputs.map((input) => [nameOf(input), input])));
    const datasets = await runs.findDatasets(tenant, experimentId, [...wanted.values()]);
    const byName = new Map(datasets.map((dataset) => [nameOf(dataset), dataset]));
    for (const { runId, inputs } of members) {
      resolved.set(
        runId,
        inputs.flatMap((input) => {
          const dataset = byName.get(nameOf(input));
          return dataset === undefined ? [] : [{ dataset, tags: input.tags }];
        }),
      );
    }
  }
  return resolved;
}
