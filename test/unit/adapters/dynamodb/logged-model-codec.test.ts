import { describe, expect, it } from 'vitest';
import { packLoggedModel, unpackLoggedModel } from '../../../../adapters/dynamodb/logged-model-codec.ts';
import { formatModelId, type LoggedModel } from '../../../../domain/tracking/logged-models/logged-model.ts';
import { NOON_MS } from '../../../support/call-context.ts';

const modelId = formatModelId(NOON_MS, '12', Buffer.from('c3a1f00dbeef', 'hex'));
const runId = '018f3a2b4c5d6e7f8091a2b3c4d5e6f7';

/** A model as `mlflow.sklearn.log_model` leaves it behind an autologged training. */
const usual: LoggedModel = {
  modelId,
  experimentId: '12',
  name: 'model',
  modelType: '',
  sourceRunId: runId,
  artifactUri: `mlflow-artifacts:/12/models/${modelId}/artifacts`,
  status: 'LOGGED_MODEL_READY',
  lifecycleStage: 'active',
  creationTimestamp: NOON_MS,
  lastUpdatedTimestamp: NOON_MS + 2500,
  createdBy: 'tok_01KJQ5W0000000000000000001',
  params: { max_depth: '6', n_estimators: '200', learning_rate: '0.1', random_state: '7' },
  tags: {
    'mlflow.user': 'ada',
    'mlflow.source.name': 'train.py',
    'mlflow.source.type': 'LOCAL',
    'mlflow.source.git.commit': '9fceb02d0ae598e95dc970b74767f19372d61af8',
  },
  metrics: ['accuracy', 'f1_score', 'roc_auc'].map((key, i) => ({
    ...{ key, value: 0.8123 + i / 100, timestamp: NOON_MS + i, step: 0, runId },
  })),
};
const lastMetric = usual.metrics.at(-1)!;

describe('a stored logged model', () => {
  it.each<[string, Partial<LoggedModel>]>([
    ['as usual', {}],
    ['elsewhere', { artifactUri: `s3://bucket/a*b/models/${modelId}/artifacts?v=1` }],
    ['deleted', { lifecycleStage: 'deleted', status: 'LOGGED_MODEL_STATUS_UNSPECIFIED' }],
    [
      'with datasets',
      { metrics: [{ ...lastMetric, datasetName: 'flights', datasetDigest: 'd1' }, lastMetric] },
    ],
  ])('comes back as it was: %s', (_what, more) => {
    const model = { ...usual, ...more };

    expect(unpackLoggedModel(packLoggedModel(model), model)).toEqual(model);
  });

  it('takes less than 400 bytes as usual', () => {
    expect(packLoggedModel(usual).length).toBeLessThan(400);
  });
});
