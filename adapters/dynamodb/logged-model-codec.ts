import { deflateRawSync, inflateRawSync } from 'node:zlib';
import {
  type LoggedModel,
  MODEL_STATUSES,
  type ModelMetric,
} from '../../domain/tracking/logged-models/logged-model.ts';

/**
 * Text that most models have in common: deflate refers to it instead of repeating it. Stored items depend on it:
 * change it only together with the item's `format`.
 */
const DICTIONARY = Buffer.from(
  '"mlflow.modelVersions":"[{\\"name\\": \\", \\"version\\": 1}]","mlflow.user":"mlflow.source.type":"JOB"' +
    '"mlflow.source.name":"mlflow.source.git.commit":"val_loss","loss","accuracy","f1_score","precision","recall",' +
    '"roc_auc","rmse","mae","r2_score","random_state":"None","max_depth":"n_estimators":"learning_rate":"0.1' +
    '"training_score",tensorflow","pytorch","xgboost","lightgbm","onnx","sklearn","model","tok_mlflow-artifacts:/0/models/\\u0000/artifacts",',
);

/** Stands for the model's own id in its location: no address holds it. */
const ID = '\u0000';

/** What the key of the item does not say already. */
type Body = readonly [
  name: string,
  modelType: string,
  sourceRunId: string,
  artifactLocation: string,
  status: number,
  isDeleted: 0 | 1,
  lastUpdatedTimestamp: number,
  createdBy: string,
  params: Readonly<Record<string, string>>,
  tags: Readonly<Record<string, string>>,
  metrics: readonly MetricRow[],
];
type MetricRow = readonly [
  key: string,
  value: number,
  timestamp: number,
  step: number,
  runId: string,
  ...dataset: string[],
];

/** The model without what its key says, deflated: some 300 bytes of a usual one, where search reads them all. */
export function packLoggedModel(model: LoggedModel): Uint8Array {
  const body: Body = [
    model.name,
    model.modelType,
    model.sourceRunId,
    model.artifactUri.replaceAll(model.modelId, ID),
    MODEL_STATUSES.indexOf(model.status),
    model.lifecycleStage === 'deleted' ? 1 : 0,
    model.lastUpdatedTimestamp - model.creationTimestamp,
    model.createdBy,
    model.params,
    model.tags,
    model.metrics.map(toRow),
  ];
  return deflateRawSync(JSON.stringify(body), { dictionary: DICTIONARY });
}

/** Inverse of packLoggedModel. */
export function unpackLoggedModel(
  packed: Uint8Array,
  {
    modelId,
    experimentId,
    creationTimestamp,
  }: Pick<LoggedModel, 'modelId' | 'experimentId' | 'creationTimestamp'>,
): LoggedModel {
  const body = JSON.parse(inflateRawSync(packed, { dictionary: DICTIONARY }).toString()) as Body;
  const [name, modelType, sourceRunId, location, status, isDeleted, age, createdBy, params, tags, metrics] =
    body;
  return {
    modelId,
    experimentId,
    name,
    modelType,
    sourceRunId,
    artifactUri: location.replaceAll(ID, modelId),
    status: MODEL_STATUSES[status] as LoggedModel['status'],
    lifecycleStage: isDeleted === 1 ? 'deleted' : 'active',
    creationTimestamp,
    lastUpdatedTimestamp: creationTimestamp + age,
    createdBy,
    params,
    tags,
    metrics: metrics.map(fromRow),
  };
}

function toRow({ key, value, timestamp, step, runId, datasetName, datasetDigest }: ModelMetric): MetricRow {
  const point = [key, value, timestamp, step, runId] as const;
  return datasetName === undefined ? point : [...point, datasetName, datasetDigest ?? ''];
}

function fromRow([key, value, timestamp, step, runId, datasetName, datasetDigest]: MetricRow): ModelMetric {
  const point = { key, value, timestamp, step, runId };
  return datasetName === undefined ? point : { ...point, datasetName, datasetDigest };
}
