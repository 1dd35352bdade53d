import { randomBytes } from 'node:crypto';
import type { MetricPoint, Run } from '../../../domain/tracking/runs/run.ts';
import { formatRunId } from '../../../domain/tracking/runs/run-id.ts';

/** 2026-01-01; run n starts n seconds later. */
export const FIRST_START_MS = Date.UTC(2026, 0, 1);
const METRICS = ['train_loss', 'val_loss', 'accuracy', 'f1_score', 'roc_auc', 'precision', 'recall', 'rmse'];
const PARAMS = [
  'learning_rate',
  'max_depth',
  'n_estimators',
  'subsample',
  'colsample_bytree',
  'seed',
  'optimizer',
];

/** A run as a training with autologging leaves it: 8 metrics with all their digits, 7 params, 6 tags. */
export function makeUsualRun(experimentId: string, n: number): Run {
  const startTime = FIRST_START_MS + n * 1000;
  const runId = formatRunId({ startTime, experimentId, shard: 0 }, randomBytes(8));
  return {
    ...{ runId, experimentId, name: `run-${n}`, userId: 'ada', status: 'FINISHED', startTime },
    endTime: startTime + 60_000,
    artifactUri: `mlflow-artifacts:/${experimentId}/${runId}/artifacts`,
    lifecycleStage: 'active',
    moves: 0,
    params: Object.fromEntries(
      PARAMS.map((key, i) => [key, String(((n * 7919 + i * 104_729) % 1000) / 1000)]),
    ),
    tags: {
      'mlflow.runName': `run-${n}`,
      'mlflow.user': 'ada',
      'mlflow.source.name': '/home/ada/train.py',
      'mlflow.source.type': 'NOTEBOOK',
      'mlflow.source.git.commit': randomBytes(20).toString('hex'),
      team: `team-${n % 7}`,
    },
    latest: Object.fromEntries(METRICS.map((key, i) => [key, makePoint(key, n, i, startTime)])),
    recent: [],
    inputs: [],
    modelInputs: [],
    modelOutputs: [],
    writers: ['tok_01JABCDEFGHJKMNPQRSTVWXYZ0'],
  };
}

/** The first metric is n's own, so that filters and orders have something to find. */
function makePoint(key: string, n: number, i: number, startTime: number): MetricPoint {
  const value = i === 0 ? ((n * 7919) % 10_000) / 10_000 : Math.random();
  return { key, value, timestamp: startTime + 50_000 + i, step: 100 };
}
