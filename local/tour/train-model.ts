import { waitUntil } from '../../sdk/index.ts';
import { FEATURES, LABEL, TIME_COLUMN } from './flight.ts';
import { hold, type Say } from './step-log.ts';
import type { TourContext } from './tour-context.ts';

/** The pipeline that trains every version of the tour, the renewal included. */
export async function createPipeline({ as, names }: TourContext): Promise<void> {
  await as.scientist.training.createTrainingPipeline({
    body: {
      name: names.pipeline,
      model: names.model,
      dataset: names.dataset,
      task: 'classification',
      label: { column: LABEL },
      timeColumn: TIME_COLUMN,
      features: [...FEATURES],
      search: {
        trials: 2,
        seed: 7,
        space: { maxLeaves: { values: [15, 31] }, learningRate: { low: 0.08, high: 0.15, scale: 'log' } },
        fixed: { rounds: 80, minChildSamples: 50, earlyStoppingRounds: 10 },
      },
      slices: { columns: ['origin'], maxPerColumn: 4 },
      gate: { thresholds: [{ metric: 'auc', min: 0.6 }], resamples: 200 },
    },
  });
}

/** Watches an execution to its end, step by step. */
export async function watchTraining({ as }: TourContext, id: string, say: Say) {
  const told = new Set<string>();
  const ended = await waitUntil(
    () => as.viewer.training.getTrainingExecution({ params: { id } }),
    ({ status }) => status !== 'PENDING' && status !== 'RUNNING',
    {
      timeoutSeconds: 240,
      intervalSeconds: 0.7,
      onPoll: (value) => tellSteps(value as Execution, told, say),
    },
  );
  hold(ended.status === 'SUCCEEDED', `The training ended ${ended.status}: ${ended.reason ?? ''}`);
  hold(ended.modelVersion !== null, 'The training registered no version.');
  return { ...ended, modelVersion: ended.modelVersion };
}

interface Execution {
  readonly steps: readonly {
    readonly name: string;
    readonly startedAt: string;
    readonly endedAt: string;
    readonly result: Record<string, unknown>;
  }[];
}

function tellSteps({ steps }: Execution, told: Set<string>, say: Say): void {
  for (const { name, startedAt, endedAt, result } of steps) {
    const key = `${name} ${startedAt}`;
    if (told.has(key)) continue;
    told.add(key);
    const seconds = ((Date.parse(endedAt) - Date.parse(startedAt)) / 1000).toFixed(1);
    say(`${name} (${seconds} s) ${describeResult(result)}`);
  }
}

/** What a step found in one line: plain values, metrics and the comparison with the champion. */
export function describeResult(result: Readonly<Record<string, unknown>>): string {
  const { metrics, comparison, slices } = result as Evaluated;
  const parts = describePlain(result);
  if (metrics !== undefined) parts.push(...describePlain(metrics));
  if (slices !== undefined && slices.length > 0) {
    const shown = slices.map(({ label, metrics: { auc } }) => `${label} ${auc?.toFixed(3) ?? '-'}`);
    parts.push(`auc by slice: ${shown.join(', ')}`);
  }
  if (comparison) {
    const { candidate, champion, low, high } = comparison;
    const interval = `${low.toFixed(4)} to ${high.toFixed(4)}`;
    parts.push(
      `against the champion ${candidate.toFixed(4)} : ${champion.toFixed(4)}, advantage ${interval} (95 %)`,
    );
  }
  return parts.join(' · ');
}

interface Evaluated {
  readonly metrics?: Readonly<Record<string, unknown>>;
  readonly slices?: readonly {
    readonly label: string;
    readonly metrics: { readonly auc?: number };
  }[];
  readonly comparison?: {
    readonly candidate: number;
    readonly champion: number;
    readonly low: number;
    readonly high: number;
  } | null;
}

function describePlain(values: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(values).flatMap(([name, value]) => {
    if (typeof value === 'number') return [`${name} ${Number(value.toPrecision(4))}`];
    return typeof value === 'string' || typeof value === 'boolean'
      ? [`${name} ${String(value).slice(0, 40)}`]
      : [];
  });
}
