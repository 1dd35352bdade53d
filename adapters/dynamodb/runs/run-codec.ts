import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { DatasetReference, MetricPoint, Run, RunStatus } from '../../../domain/tracking/runs/run.ts';
import { readPoints, writePoints } from './point-codec.ts';

/**
 * Text that most runs have in common: deflate refers to it instead of repeating it, which makes the item of a
 * usual run a third smaller. Stored items depend on it: change it only together with the item's `format`.
 */
const DICTIONARY = Buffer.from(
  [
    '"mlflow.note.content","mlflow.parentRunId","mlflow.project.env","mlflow.loggedArtifacts","mlflow.autologging"',
    '"mlflow.log-model.history","mlflow.source.git.repoURL","mlflow.source.git.branch","estimator_class","estimator_name"',
    '"training_accuracy_score","training_precision_score","training_recall_score","training_f1_score","training_roc_auc"',
    '"training_log_loss","training_score","mean_squared_error","root_mean_squared_error","mean_absolute_error","r2_score"',
    '"val_accuracy","val_loss","train_loss","accuracy","loss","rmse","mae","auc","f1","precision","recall","epoch"',
    '"subsample","colsample_bytree","min_child_weight","num_leaves","n_estimators","max_depth","max_features"',
    '"min_samples_leaf","min_samples_split","random_state","criterion","bootstrap","learning_rate","batch_size","epochs"',
    '"optimizer","dropout","hidden_size","weight_decay","momentum","seed","alpha","l1_ratio","None","True","False"',
    '"param_","metric_","tag_","mlflow.data.context","training","eval"',
    '"mlflow.source.git.commit","mlflow.user","mlflow.source.name","mlflow.source.type","NOTEBOOK","PROJECT","JOB"',
    '["unknown","RUNNING","FINISHED","FAILED","KILLED",null,"mlflow-artifacts:/","active","mlflow.runName","',
  ].join(''),
);

/** A run's own fields in the order in which they are written; what follows from the id is left out. */
type Fields = [
  name: string,
  userId: string,
  status: RunStatus,
  startTime: number,
  endTime: number | null,
  /** The address without what follows from the run's id; alone in a list when nothing follows. */
  artifactUri: string | [string],
  lifecycleStage: Run['lifecycleStage'],
  moves: number,
  deletedAt: number | null,
  params: string[],
  tags: string[],
  inputs: DatasetReference[],
  modelInputs: readonly string[],
  modelOutputs: Run['modelOutputs'],
  writers: readonly string[],
  keys: string[],
];

/** A run as one compact binary: its fields as JSON, then its latest and recent points. */
export function packRun(run: Run): Buffer {
  const latest = Object.values(run.latest);
  const keys = latest.map(({ key }) => key);
  const index = new Map(keys.map((key, i) => [key, i]));
  const fields: Fields = [
    run.name,
    run.userId,
    run.status,
    run.startTime,
    run.endTime ?? null,
    shorten(run.artifactUri, suffixOf(run.runId)),
    run.lifecycleStage,
    run.moves,
    run.deletedAt ?? null,
    Object.entries(run.params).flat(),
    Object.entries(run.tags).flat(),
    [...run.inputs],
    run.modelInputs,
    run.modelOutputs,
    run.writers,
    keys,
  ];
  return pack(fields, [writePoints(latest, index), writePoints(run.recent, index)]);
}

/** Inverse of packRun. */
export function unpackRun(packed: Uint8Array, place: Pick<Run, 'runId' | 'experimentId'>): Run {
  const [fields, latestBytes, recentBytes] = unpack(packed) as [Fields, Buffer, Buffer];
  const [name, userId, status, startTime, endTime, artifact, lifecycleStage, moves, deletedAt] = fields;
  const [params, tags, inputs, modelInputs, modelOutputs, writers, keys] = fields.slice(9) as [
    string[],
    string[],
    DatasetReference[],
    string[],
    Run['modelOutputs'],
    string[],
    string[],
  ];
  return {
    ...place,
    ...{ name, userId, status, startTime, lifecycleStage, moves, inputs, modelInputs, modelOutputs, writers },
    ...(endTime === null ? {} : { endTime }),
    ...(deletedAt === null ? {} : { deletedAt }),
    artifactUri: typeof artifact === 'string' ? `${artifact}${suffixOf(place.runId)}` : artifact[0],
    params: toRecord(params),
    tags: toRecord(tags),
    latest: Object.fromEntries(readPoints(latestBytes, keys).map((point) => [point.key, point])),
    recent: readPoints(recentBytes, keys),
  };
}

/** Points that left the run's item, as one binary. */
export function packChunk(points: readonly MetricPoint[]): Buffer {
  const keys = [...new Set(points.map(({ key }) => key))];
  const index = new Map(keys.map((key, i) => [key, i]));
  return pack(keys, [writePoints(points, index)]);
}

/** Inverse of packChunk; with a key, only its points. */
export function unpackChunk(packed: Uint8Array, key?: string): MetricPoint[] {
  const [keys, bytes] = unpack(packed) as [string[], Buffer];
  if (key !== undefined && !keys.includes(key)) return [];
  const points = readPoints(bytes, keys);
  return key === undefined ? points : points.filter((point) => point.key === key);
}

/** Every part is told by its length; deflated as a whole. */
function pack(head: unknown, tail: readonly Buffer[]): Buffer {
  const parts = [Buffer.from(JSON.stringify(head)), ...tail];
  const framed = parts.flatMap((part) => {
    const length = Buffer.alloc(4);
    length.writeUInt32LE(part.length);
    return [length, part];
  });
  return deflateRawSync(Buffer.concat(framed), { dictionary: DICTIONARY, level: 9 });
}

function unpack(packed: Uint8Array): unknown[] {
  const bytes = inflateRawSync(packed, { dictionary: DICTIONARY });
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = bytes.readUInt32LE(at);
    parts.push(bytes.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return [JSON.parse((parts[0] as Buffer).toString()), ...parts.slice(1)];
}

function suffixOf(runId: string): string {
  return `/${runId}/artifacts`;
}

function shorten(uri: string, suffix: string): string | [string] {
  return uri.endsWith(suffix) ? uri.slice(0, -suffix.length) : [uri];
}

/** Own properties whatever the key: `__proto__` is a legal name of a param. */
function toRecord(flat: readonly string[]): Record<string, string> {
  const pairs: [string, string][] = [];
  for (let i = 0; i < flat.length; i += 2) pairs.push([flat[i] as string, flat[i + 1] as string]);
  return Object.fromEntries(pairs);
}
