import { buildTreeClassifier } from '../onnx-model.ts';

/** What the pages show: made over MLflow's REST API, so that any server can be filled alike. */
export interface FilledServer {
  readonly experimentId: string;
  /** `careful`, `bold`, `broken`, and a child of `bold`. */
  readonly runIds: readonly string[];
  readonly model: string;
}

// biome-ignore lint/suspicious/noExplicitAny: answers are of many shapes
type Call = (method: string, path: string, body?: object) => Promise<any>;

const RUNS = [
  { name: 'careful', rate: '0.05', depth: '4', status: 'FINISHED', best: 0.83 },
  { name: 'bold', rate: '0.4', depth: '9', status: 'FINISHED', best: 0.91 },
  { name: 'broken', rate: '4', depth: '9', status: 'FAILED', best: 0.52 },
] as const;
const STEPS = 12;

const MLMODEL = `artifact_path: model
flavors:
  onnx:
    data: model.onnx
    onnx_version: 1.19.0
    providers: [CPUExecutionProvider]
  python_function:
    data: model.onnx
    env: {conda: conda.yaml, virtualenv: python_env.yaml}
    loader_module: mlflow.onnx
    python_version: 3.11.9
mlflow_version: 3.17.2
signature:
  inputs: '[{"type": "tensor", "tensor-spec": {"dtype": "float32", "shape": [-1, 4]}, "name": "input"}]'
  outputs: '[{"type": "tensor", "tensor-spec": {"dtype": "int64", "shape": [-1]}, "name": "label"}]'
  params: null
`;

/** Stripes, 160 x 100. */
const PICTURE = Buffer.from(
  [
    'iVBORw0KGgoAAAANSUhEUgAAAKAAAABkBAMAAADzmCa8AAAAGFBMVEUoPNxGPL5kPKCCPIKgPGS+PEbcPCj6PAq0RtRYAAABN0lE',
    'QVR42u3WOXFDQRRE0fYwMBZjMZbBICzCYiym4ED60l9mectNXDU36ujE/VG19YuschNb0Y0GYbEIFotgsQgWHyAoPkFO3EBMfIGU',
    '+AZ1p0FG3IOIeAAJ8QgC4gnMi2cwLV7ArHgFk2IDzIktUD80mBHbYELsgHGxB4bFLhgV+2BQHIAxcQSGxCEYEcfg7qZBoF+cgW5x',
    'CnrFOegUDaBPtIAu0QR6RBvoEI2gXbSC+qRBq2gHjaIDtIke0CS6QIvoAw2iE5yLXnAqusGZ6Af1RYNjMQIOxRA4EmPgQAyCfTEK',
    'dsUw2BPjYEdMgG0xA+qbBltiDmyISfAqZsGLmAbPYh48iQB4FAnwICLgXmRAVRp8ixT4EjFwEznwKYLgQyRBVRpUpUFVGlSlQS1w',
    'gQtc4AL/C/gHdJsvyF2g3aYAAAAASUVORK5CYII=',
  ].join(''),
  'base64',
);

/** An experiment with three runs, their histories, parameters, datasets and files, and a model of two versions. */
export async function fillTrackingServer(apiUrl: string, token?: string): Promise<FilledServer> {
  const call = makeCall(apiUrl, token);
  const created = await call('POST', 'experiments/create', { name: 'delays of flights' });
  const experimentId: string = created.experiment_id;
  await call('POST', 'experiments/set-experiment-tag', {
    experiment_id: experimentId,
    key: 'mlflow.note.content',
    value: 'Which flights are late?',
  });
  const runIds: string[] = [];
  for (const plan of RUNS) runIds.push(await logRun(call, apiUrl, token, experimentId, plan));
  runIds.push(await logChild(call, experimentId, runIds[1] as string));
  const model = 'flight-delays';
  await registerVersions(call, model, runIds.slice(0, 2));
  return { experimentId, runIds, model };
}

function makeCall(apiUrl: string, token?: string): Call {
  return async (method, path, body) => {
    const response = await fetch(`${apiUrl}/api/2.0/mlflow/${path}`, {
      method,
      headers: {
        'content-type': 'application/json',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return JSON.parse(text);
  };
}

async function logRun(
  call: Call,
  apiUrl: string,
  token: string | undefined,
  experimentId: string,
  plan: (typeof RUNS)[number],
): Promise<string> {
  const startMs = Date.now() - 60_000;
  const { run } = await call('POST', 'runs/create', {
    experiment_id: experimentId,
    run_name: plan.name,
    user_id: 'ada',
    start_time: startMs,
    tags: [
      { key: 'mlflow.source.name', value: 'train.py' },
      { key: 'mlflow.user', value: 'ada' },
      { key: 'team', value: 'operations' },
    ],
  });
  const runId: string = run.info.run_id;
  const points = Array.from({ length: STEPS }, (_, step) => ({ step, timestamp: startMs + 1000 * step }));
  await call('POST', 'runs/log-batch', {
    run_id: runId,
    metrics: points.flatMap(({ step, timestamp }) => [
      { key: 'auc', value: plan.best - 0.4 / (step + 1), step, timestamp },
      { key: 'train/loss', value: 2 / (step + 1) + (1 - plan.best), step, timestamp },
    ]),
    params: [
      { key: 'learning_rate', value: plan.rate },
      { key: 'max_depth', value: plan.depth },
    ],
  });
  const special = plan.name === 'broken' ? 'NaN' : 0.25;
  await call('POST', 'runs/log-metric', {
    run_id: runId,
    key: 'calibration',
    value: special,
    timestamp: startMs,
  });
  await call('POST', 'runs/log-inputs', {
    run_id: runId,
    datasets: [
      {
        tags: [{ key: 'mlflow.data.context', value: 'training' }],
        dataset: {
          name: 'flights-2k',
          digest: '7d1e2c33',
          source_type: 'http',
          source: '{"url": "https://example.com/flights-2k.json"}',
          schema: '{"mlflow_colspec": [{"type": "long", "name": "delay", "required": true}]}',
          profile: '{"num_rows": 2000, "num_elements": 10000}',
        },
      },
    ],
  });
  await putFiles(apiUrl, token, run.info.artifact_uri);
  await call('POST', 'runs/update', { run_id: runId, status: plan.status, end_time: startMs + 1000 * STEPS });
  return runId;
}

async function putFiles(apiUrl: string, token: string | undefined, artifactUri: string): Promise<void> {
  const folder = artifactUri.replace(/^mlflow-artifacts:\/*/, '');
  const files: Record<string, string | Uint8Array> = {
    'notes.md': '# What we saw\n\nLate flights are late *in the evening*.\n',
    'tables/errors.csv': 'hour,error\n6,0.1\n18,0.4\n',
    'report.json': '{"late": 412, "onTime": 1588}',
    'plots/late.png': PICTURE,
    'model/MLmodel': MLMODEL,
    'model/model.onnx': buildTreeClassifier(5, 3, 4),
  };
  for (const [path, content] of Object.entries(files)) {
    const response = await fetch(`${apiUrl}/api/2.0/mlflow-artifacts/artifacts/${folder}/${path}`, {
      method: 'PUT',
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
      body: typeof content === 'string' ? content : Buffer.from(content),
    });
    if (!response.ok) throw new Error(`PUT ${path}: ${response.status} ${await response.text()}`);
  }
}

async function logChild(call: Call, experimentId: string, parentId: string): Promise<string> {
  const { run } = await call('POST', 'runs/create', {
    experiment_id: experimentId,
    run_name: 'bold, first fold',
    start_time: Date.now() - 50_000,
    tags: [{ key: 'mlflow.parentRunId', value: parentId }],
  });
  await call('POST', 'runs/update', {
    run_id: run.info.run_id,
    status: 'FINISHED',
    end_time: Date.now(),
  });
  return run.info.run_id;
}

async function registerVersions(call: Call, name: string, runIds: readonly string[]): Promise<void> {
  await call('POST', 'registered-models/create', {
    name,
    description: 'Will the flight be late?',
    tags: [{ key: 'owner', value: 'operations' }],
  });
  for (const runId of runIds) {
    const { run } = await call('GET', `runs/get?run_id=${runId}`);
    await call('POST', 'model-versions/create', {
      name,
      source: `${run.info.artifact_uri}/model`,
      run_id: runId,
      description: `trained by ${run.info.run_name}`,
    });
  }
  await call('POST', 'registered-models/alias', { name, alias: 'champion', version: '2' });
  await call('POST', 'model-versions/set-tag', { name, version: '1', key: 'checked', value: 'yes' });
}
