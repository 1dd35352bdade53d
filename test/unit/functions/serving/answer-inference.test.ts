import { beforeAll, describe, expect, it } from 'vitest';
import { createOrtSession } from '../../../../adapters/serving/ort-session.ts';
import { type CaptureLine, parseCaptureLine } from '../../../../domain/serving/capture-line.ts';
import { CAPTURE_EVERYTHING } from '../../../../domain/serving/capture-settings.ts';
import { MAX_BODY_BYTES } from '../../../../domain/serving/contract.ts';
import { JsonWriter } from '../../../../domain/serving/json-writer.ts';
import { describeModel } from '../../../../domain/serving/model-metadata.ts';
import type { ModelSession } from '../../../../domain/serving/ports.ts';
import { ServedModel } from '../../../../domain/serving/served-model.ts';
import { CaptureWriter } from '../../../../domain/serving/write-capture.ts';
import { parseSignature } from '../../../../domain/shared/signature.ts';
import { makeInferenceAnswerer } from '../../../../functions/serving/answer-inference/answer-inference.ts';
import type { InferenceEvent } from '../../../../functions/serving/answer-inference/read-request.ts';
import { buildOnnxModel, buildTreeClassifier } from '../../../support/onnx-model.ts';

const MATRIX = parseSignature({
  inputs: [
    { name: 'a', type: 'double' },
    { name: 'b', type: 'double' },
  ],
});
let classifier: ModelSession;

beforeAll(async () => {
  classifier = await createOrtSession(buildTreeClassifier(3, 2, 2));
});

/** An endpoint of this session, and what it wrote. */
function makeEndpoint(session: ModelSession = classifier, signature = MATRIX) {
  const lines: string[] = [];
  const failures: unknown[] = [];
  const model = new ServedModel(signature, session);
  const source = { tenant: 'default', endpoint: 'flights', version: 3, environment: 'env' };
  const answer = makeInferenceAnswerer({
    tenant: 'default',
    endpoint: 'flights',
    modelVersion: 3,
    model,
    metadata: describeModel('flights', '3', model.binding, session.graph),
    example: undefined,
    capture: new CaptureWriter(
      source,
      CAPTURE_EVERYTHING,
      model.binding,
      model.plan,
      new JsonWriter(),
      String,
    ),
    loadMs: 12,
    startsCold: true,
    emit: (line) => lines.push(line),
    makePredictionId: () => 'prd_01M7YET6CT0123456789ABCDEF',
    nowMs: () => 1_790_000_000_000,
    elapsedMs: () => 5,
    reportFailure: (error) => failures.push(error),
  });
  const captured = () => lines.map((line) => parseCaptureLine(line) as CaptureLine);
  return { answer, captured, failures };
}

const INVOKER = { tenant: 'default', actor: 'tok_1', roles: 'invoker' };

function makeEvent(path: string, change: Record<string, unknown> = {}): InferenceEvent {
  const { method = 'POST', caller = INVOKER, stage = '$default', body, ...others } = change;
  return {
    rawPath: `/serving/default/flights${path}`,
    headers: {},
    body:
      typeof body === 'string' || body === undefined ? (body as string | undefined) : JSON.stringify(body),
    requestContext: {
      stage: stage as string,
      http: { method: method as string },
      authorizer: { lambda: caller as never },
    },
    ...others,
  };
}

const RECORDS = {
  dataframe_records: [
    { a: 1, b: 2 },
    { a: -1, b: null },
  ],
};

describe('an endpoint', () => {
  it('answers invocations with its ids in the headers, and leaves one line', async () => {
    const { answer, captured } = makeEndpoint();

    const result = await answer(
      makeEvent('/invocations', { body: RECORDS, headers: { 'x-inference-id': 'order-7' } }),
    );

    expect(result.statusCode).toBe(200);
    expect(result.headers).toMatchObject({
      'x-prediction-id': 'prd_01M7YET6CT0123456789ABCDEF',
      'x-model-version': '3',
    });
    const { predictions } = JSON.parse(result.body);
    expect(predictions).toHaveLength(2);
    expect(captured()).toEqual([
      expect.objectContaining({
        k: 'default/flights',
        x: 'order-7',
        c: 1,
        f: [
          [1, 2],
          [-1, null],
        ],
        y: predictions.map(({ label }: { label: number }) => label),
        q: predictions.map(({ probabilities }: { probabilities: number[] }) => probabilities[1]),
      }),
    ]);
  });

  it('gives the same numbers over every protocol', async () => {
    const { answer } = makeEndpoint();
    const bodies: [string, unknown, string?][] = [
      ['/invocations', { dataframe_split: { columns: ['b', 'a'], data: [[2, 1]] } }],
      ['/invocations', { instances: [[1, 2]] }],
      ['/invocations', { inputs: { a: [1], b: [2] } }],
      ['/invocations', 'a,b\n1,2\n', 'text/csv; charset=utf-8'],
    ];

    const answers = await Promise.all(
      bodies.map(([path, body, type = 'application/json']) =>
        answer(makeEvent(path, { body, headers: { 'content-type': type } })),
      ),
    );
    const infer = await answer(
      makeEvent('/v2/models/flights/infer', {
        body: {
          id: '9',
          inputs: [{ name: 'features', shape: [1, 2], datatype: 'FP32', data: [1, 2] }],
          outputs: [{ name: 'probabilities' }],
        },
      }),
    );

    const [first] = answers.map((result) => result.body);
    expect(answers.map((result) => result.body)).toEqual([first, first, first, first]);
    expect(JSON.parse(infer.body)).toEqual({
      model_name: 'flights',
      model_version: '3',
      id: '9',
      outputs: [
        {
          name: 'probabilities',
          datatype: 'FP32',
          shape: [1, 2],
          data: JSON.parse(first ?? '').predictions[0].probabilities,
        },
      ],
    });
  });

  it('reads bodies in base64 and paths behind a stage', async () => {
    const { answer } = makeEndpoint();
    const event = makeEvent('/invocations', {
      body: Buffer.from(JSON.stringify(RECORDS)).toString('base64'),
      isBase64Encoded: true,
      stage: 'prod',
    });

    const result = await answer({ ...event, rawPath: `/prod${event.rawPath}` });

    expect(result.statusCode).toBe(200);
  });

  it('marks only the first request of an environment as cold', async () => {
    const { answer, captured } = makeEndpoint();

    await answer(makeEvent('/ping', { method: 'GET' }));
    await answer(makeEvent('/invocations', { body: RECORDS }));

    expect(captured()[0]).not.toHaveProperty('c');
  });

  it.each([
    ['/ping', '\n'],
    ['/health', '\n'],
    ['/version', expect.stringMatching(/^\d+\.\d+\.\d+/)],
    ['/v2/health/live', '{"live":true}'],
    ['/v2/health/ready', '{"ready":true}'],
    ['/v2/models/flights/ready', '{"name":"flights","ready":true}'],
    ['/v2/models/flights/versions/3/ready', '{"name":"flights","ready":true}'],
    ['/v2', expect.stringContaining('"name":"perennial"')],
    ['/v2/models/flights', expect.stringContaining('"platform":"onnx_onnxv1"')],
  ])('describes itself at GET %s', async (path, body) => {
    const { answer, captured } = makeEndpoint();

    const result = await answer(makeEvent(path, { method: 'GET', caller: { ...INVOKER, roles: 'viewer' } }));

    expect(result.statusCode).toBe(200);
    expect(result.body).toEqual(body);
    expect(captured()).toEqual([]);
  });

  it.each([
    ['no principal', { caller: null }, 401, 'UNAUTHENTICATED'],
    ['another tenant', { caller: { ...INVOKER, tenant: 'other' } }, 404, 'RESOURCE_DOES_NOT_EXIST'],
    ['a role too low', { caller: { ...INVOKER, roles: 'viewer' } }, 403, 'PERMISSION_DENIED'],
    [
      'a token for other endpoints',
      { caller: { ...INVOKER, endpoints: 'hotels' } },
      403,
      'PERMISSION_DENIED',
    ],
    ['another method', { method: 'GET' }, 405, 'ENDPOINT_NOT_FOUND'],
  ])('turns away %s, without a line', async (_, change, status, code) => {
    const { answer, captured } = makeEndpoint();

    const result = await answer(makeEvent('/invocations', { body: RECORDS, ...change }));

    expect(result.statusCode).toBe(status);
    expect(JSON.parse(result.body)).toMatchObject({ error_code: code, errors: [] });
    expect(captured()).toEqual([]);
  });

  it('does not know other paths', async () => {
    const { answer } = makeEndpoint();

    expect((await answer(makeEvent('/v2/models/hotels/infer', { body: {} }))).statusCode).toBe(404);
    expect(JSON.parse((await answer(makeEvent('/v2/x', { method: 'GET' }))).body)).toHaveProperty('error');
  });

  it.each([
    ['malformed JSON', { body: '{"instances":' }, 400, 'not valid JSON'],
    ['no body', {}, 400, 'no body'],
    ['a body over the limit', { body: `{"x":"${'x'.repeat(MAX_BODY_BYTES)}"}` }, 413, 'several requests'],
    [
      'another media type',
      { body: RECORDS, headers: { 'content-type': 'application/xml' } },
      415,
      'application/json',
    ],
    [
      'another charset',
      { body: RECORDS, headers: { 'content-type': 'application/json; charset=latin1' } },
      415,
      'charset',
    ],
    ['an empty inference id', { body: RECORDS, headers: { 'x-inference-id': '' } }, 400, 'X-Inference-Id'],
    [
      'an unknown column',
      { body: { dataframe_records: [{ a: 1, b: 2, c: 3 }] } },
      400,
      'dataframe_records[0].c',
    ],
  ])('refuses %s with a clear error, on both protocols, and a line', async (_, change, status, message) => {
    const { answer, captured } = makeEndpoint();

    const mlflow = await answer(makeEvent('/invocations', change));
    const v2 = await answer(makeEvent('/v2/models/flights/infer', change));

    expect(mlflow.statusCode).toBe(status);
    expect(JSON.parse(mlflow.body)).toMatchObject({
      error_code: 'BAD_REQUEST',
      message: expect.stringContaining(message),
    });
    expect(v2.statusCode).toBe(status);
    expect(JSON.parse(v2.body)).toMatchObject({ error: expect.any(String), errors: expect.any(Array) });
    expect(captured()).toEqual([
      expect.objectContaining({ s: status, f: [], y: [] }),
      expect.objectContaining({ s: status, n: 1 }),
    ]);
  });

  it('takes and gives tensors in the binary form, as API Gateway carries bytes', async () => {
    const { answer } = makeEndpoint();
    const json = JSON.stringify({
      inputs: [{ name: 'features', shape: [1, 2], datatype: 'FP32', parameters: { binary_data_size: 8 } }],
      outputs: [{ name: 'probabilities', parameters: { binary_data: true } }, { name: 'label' }],
    });
    const bytes = Buffer.concat([Buffer.from(json), Buffer.from(Float32Array.of(1, 2).buffer)]);
    const headers = {
      'content-type': 'application/octet-stream',
      'inference-header-content-length': `${json.length}`,
    };

    const plain = await answer(makeEvent('/invocations', { body: { instances: [[1, 2]] } }));
    const result = await answer(
      makeEvent('/v2/models/flights/infer', {
        body: bytes.toString('base64'),
        isBase64Encoded: true,
        headers,
      }),
    );

    const [{ label, probabilities }] = JSON.parse(plain.body).predictions;
    const answered = Buffer.from(result.body, 'base64');
    const length = Number(result.headers['inference-header-content-length']);
    const [floats, labels] = JSON.parse(answered.toString('utf8', 0, length)).outputs;
    expect(result).toMatchObject({ statusCode: 200, isBase64Encoded: true });
    expect(result.headers['content-type']).toBe('application/octet-stream');
    expect(floats).toMatchObject({ shape: [1, 2], parameters: { binary_data_size: 8 } });
    expect(answered.readFloatLE(length)).toBeCloseTo(probabilities[0], 6);
    expect(labels.data).toEqual([label]);
  });

  const OCTETS = { 'content-type': 'application/octet-stream' };
  it.each<[string, Record<string, unknown>, number, string]>([
    [
      'no length of the JSON',
      { headers: OCTETS, isBase64Encoded: true },
      400,
      'inference-header-content-length',
    ],
    [
      'a length beyond the body',
      { headers: { ...OCTETS, 'inference-header-content-length': '999' }, isBase64Encoded: true },
      400,
      'inference-header-content-length',
    ],
    [
      'bytes that were carried as text',
      { headers: { 'inference-header-content-length': '1' } },
      415,
      'application/octet-stream',
    ],
  ])('refuses a binary request with %s', async (_, change, status, message) => {
    const { answer } = makeEndpoint();

    const result = await answer(
      makeEvent('/v2/models/flights/infer', { body: Buffer.from('{}').toString('base64'), ...change }),
    );

    expect(result.statusCode).toBe(status);
    expect(JSON.parse(result.body).error).toContain(message);
  });

  it('refuses bytes where MLflow has none', async () => {
    const { answer } = makeEndpoint();

    expect((await answer(makeEvent('/invocations', { body: 'AA==', headers: OCTETS }))).statusCode).toBe(415);
  });

  it('reads NaN and Infinity as Python writes them, on both protocols', async () => {
    const { answer, captured } = makeEndpoint();

    const mlflow = await answer(makeEvent('/invocations', { body: '{"instances":[[NaN,-Infinity]]}' }));
    const v2 = await answer(
      makeEvent('/v2/models/flights/infer', {
        body: '{"inputs":[{"name":"features","shape":[1,2],"datatype":"FP32","data":[NaN,Infinity]}]}',
      }),
    );

    expect([mlflow.statusCode, v2.statusCode]).toEqual([200, 200]);
    expect(captured()).toHaveLength(2);
  });

  it('refuses CSV where only JSON is taken', async () => {
    const { answer } = makeEndpoint();

    const result = await answer(
      makeEvent('/v2/models/flights/infer', { body: 'a,b\n1,2', headers: { 'content-type': 'text/csv' } }),
    );

    expect(result.statusCode).toBe(415);
  });

  it('hides what the engine says when the model fails, and logs it once', async () => {
    const session: ModelSession = {
      ...classifier,
      run: () => Promise.reject(new Error('Non-zero status at /tmp/model')),
    };
    const { answer, captured, failures } = makeEndpoint(session);

    const result = await answer(makeEvent('/invocations', { body: RECORDS }));

    expect(result.statusCode).toBe(500);
    expect(result.body).not.toContain('/tmp');
    expect(failures).toHaveLength(1);
    expect(captured()[0]).toMatchObject({ s: 500, err: 'INFERENCE_FAILED', y: [] });
  });

  it('serves a model with an input a column, in floats, strings, 64-bit integers and booleans', async () => {
    const columns = [
      ['age', 'float', 'double'],
      ['city', 'string', 'string'],
      ['visits', 'int64', 'long'],
      ['member', 'bool', 'boolean'],
    ] as const;
    const session = await createOrtSession(
      buildOnnxModel({
        inputs: columns.map(([name, type]) => ({ name, type, shape: ['N', 1] })),
        outputs: columns.map(([name, type]) => ({ name: `${name}_out`, type, shape: ['N', 1] })),
        nodes: columns.map(([name]) => ({ op: 'Identity', inputs: [name], outputs: [`${name}_out`] })),
      }),
    );
    const signature = parseSignature({ inputs: columns.map(([name, , type]) => ({ name, type })) });
    const { answer, captured } = makeEndpoint(session, signature);

    const body =
      '{"dataframe_records":[{"age":null,"city":"Zürich","visits":9007199254740993,"member":true}]}';
    const result = await answer(makeEvent('/invocations', { body }));

    expect(result.body).toContain('"visits_out":9007199254740993');
    expect(JSON.parse(result.body.replace('"age_out":NaN', '"age_out":null')).predictions[0]).toMatchObject({
      age_out: null,
      city_out: 'Zürich',
      member_out: true,
    });
    expect(captured()[0]?.f[0]?.[1]).toBe('Zürich');
  });

  it('serves the probabilities of a ZipMap model as a list', async () => {
    const session = await createOrtSession(
      buildOnnxModel({
        inputs: [{ name: 'p', type: 'float', shape: ['N', 2] }],
        outputs: [
          { name: 'label', type: 'float', shape: ['N', 2] },
          { name: 'maps', type: 'zipmap' },
        ],
        nodes: [
          { op: 'Identity', inputs: ['p'], outputs: ['label'] },
          {
            op: 'ZipMap',
            domain: 'ai.onnx.ml',
            inputs: ['p'],
            outputs: ['maps'],
            attributes: { classlabels_int64s: [0n, 1n] },
          },
        ],
      }),
    );
    const { answer } = makeEndpoint(session);

    const result = await answer(makeEvent('/invocations', { body: { instances: [[0.25, 0.75]] } }));

    expect(JSON.parse(result.body)).toEqual({ predictions: [{ label: [0.25, 0.75], maps: [0.25, 0.75] }] });
  });
});
