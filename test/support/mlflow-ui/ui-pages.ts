import type { FilledServer } from './fill-tracking-server.ts';

/** A page of MLflow's UI, and what a person reads on it when it works. */
export interface UiPage {
  readonly name: string;
  /** Behind the `#`. */
  readonly address: string;
  readonly shows: readonly string[];
  /** Selectors of what is drawn: lines, bars, pictures. */
  readonly draws?: readonly string[];
}

const LINE = '.js-plotly-plot path.js-line';

/** The pages that people use for training: experiments, runs, charts, comparisons, artifacts, models. */
export function listUiPages({ experimentId, runIds, model }: FilledServer): readonly UiPage[] {
  const [careful, bold, broken] = runIds as readonly [string, string, string];
  const experiment = `/experiments/${experimentId}`;
  const run = `${experiment}/runs/${bold}`;
  const json = (value: unknown) => encodeURIComponent(JSON.stringify(value));
  const both = json([careful, bold]);
  return [
    { name: 'home', address: '/', shows: ['Recent Experiments', 'delays of flights'] },
    { name: 'experiments', address: '/experiments', shows: ['delays of flights', 'Which flights are late?'] },
    { name: 'runs', address: `${experiment}/runs`, shows: ['careful', 'broken', 'flights-2k', '4 matching'] },
    {
      name: 'charts',
      address: `${experiment}/runs?compareRunsMode=CHART`,
      shows: ['train/loss', 'Model metrics', 'bold'],
      draws: [LINE],
    },
    {
      name: 'run',
      address: run,
      shows: ['Finished', 'bold, first fold', 'flights-2k', 'operations', 'flight-delays', 'learning_rate'],
    },
    {
      name: 'run-metrics',
      address: `${run}/model-metrics`,
      shows: ['loss', 'auc', 'bold (auc)'],
      draws: [LINE],
    },
    { name: 'run-with-nan', address: `${experiment}/runs/${broken}`, shows: ['Failed', 'train/loss'] },
    { name: 'artifacts', address: `${run}/artifacts`, shows: ['model', 'plots', 'notes.md', 'report.json'] },
    { name: 'artifact-text', address: `${run}/artifacts/notes.md`, shows: ['in the evening'] },
    { name: 'artifact-table', address: `${run}/artifacts/tables/errors.csv`, shows: ['hour', '0.4'] },
    {
      name: 'artifact-picture',
      address: `${run}/artifacts/plots/late.png`,
      shows: ['late.png'],
      draws: ['img[src^="blob:"], img[alt*="late"]'],
    },
    {
      name: 'compare-runs',
      address: `/compare-runs?runs=${both}&experiments=${json([experimentId])}`,
      shows: ['Comparing 2 Runs from 1 Experiment', 'Parallel Coordinates Plot', 'learning_rate', '12.0s'],
    },
    {
      name: 'metric',
      address: `/metric?runs=${both}&metric=${json('auc')}&experiments=${json([experimentId])}&plot_metric_keys=${json(['auc'])}`,
      shows: ['auc', 'Completed Runs'],
      draws: [LINE],
    },
    { name: 'models', address: '/models', shows: [model, 'Version 2', 'champion', 'operations'] },
    {
      name: 'model',
      address: `/models/${model}`,
      shows: ['Will the flight be late?', 'Version 1', 'Version 2', 'trained by bold', 'champion'],
    },
    {
      name: 'version',
      address: `/models/${model}/versions/1`,
      shows: ['careful', 'trained by careful', 'checked', 'Inputs (1)', 'Outputs (1)'],
    },
    {
      name: 'compare-versions',
      address: `/compare-model-versions?name=${json(model)}&runs=${json({ 1: careful, 2: bold })}`,
      shows: ['Comparing 2 Versions', 'learning_rate'],
    },
    { name: 'logged-models', address: `${experiment}/models`, shows: ['delays of flights'] },
    // Of language models: nothing is there, and nothing breaks.
    { name: 'traces', address: `${experiment}/traces`, shows: ['delays of flights', 'Traces'] },
    { name: 'run-traces', address: `${run}/traces`, shows: ['bold', 'Traces'] },
    { name: 'prompts', address: '/prompts', shows: ['Prompts'] },
    { name: 'settings', address: '/settings', shows: ['Settings'] },
  ];
}

/** What a training platform does not answer: traces and judges of language models, a gateway, an assistant. */
const ABSENT_CALLS: readonly RegExp[] = [
  /^\/ajax-api\/3\.0\/mlflow\/(?:traces|scorers|datasets|assistant|gateway|jobs|label-schemas|issues)\b/,
  /^\/ajax-api\/3\.0\/mlflow\/ui-telemetry$/,
  // Users are tokens here; MLflow's own server answers 404, too, without its authentication app.
  /^\/ajax-api\/2\.0\/mlflow\/users\/current$/,
];

/** Whether the platform answers this call as an endpoint that does not exist. */
export function isAbsent({ path }: { readonly path: string }): boolean {
  return ABSENT_CALLS.some((absent) => absent.test(path));
}
