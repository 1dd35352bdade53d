import { gunzipSync } from 'node:zlib';
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, it } from 'vitest';
import { readShared, rootSettings } from '../support/aws.ts';
import { makeCarrierModel, makeRequests } from '../support/carrier-model.ts';
import { CloudCaller, type Reply } from '../support/cloud-caller.ts';
import { useCloud } from '../support/shared-cloud.ts';
import { waitForRoomInMinute } from '../support/wall-clock.ts';

const getCloud = useCloud();
const model = makeCarrierModel();
const MILES_TO_KILOMETRES = 1.609;
/** A window closes with its minute, its captures arrive within 45 s, an evaluation comes every minute. */
const EVALUATED_SECONDS = 180;
let caller: CloudCaller;
let url: string;
/** Prediction ids and targets of what `calm` answered. */
const answered: { predictionId: string; row: number; value: number }[] = [];

beforeAll(async () => {
  caller = await CloudCaller.forNewTenant(getCloud(), 'loop');
  await caller.register('delays', model.graph, model.more);
  const names = ['calm', 'shifted', 'talks', 'counted'];
  const [calm, shifted, talks] = await Promise.all(names.map((name) => caller.serve(name, 'delays')));
  await caller.serve('elsewhere', 'delays', { target: 'external' });
  url = talks ?? '';
  const monitor = { window: { minutes: 1 }, performance: { minimumLabels: 100 } };
  for (const name of ['calm', 'shifted']) {
    const { status } = await caller.call('PUT', `/api/v1/endpoints/${name}/monitor`, monitor);
    expect(status).toBe(200);
  }
  await waitForRoomInMinute(15);
  await Promise.all([serveCalmly(calm ?? ''), serveShifted(shifted ?? '')]);
});

/** 800 rows as the baseline has them, in requests of 40. */
async function serveCalmly(address: string): Promise<void> {
  const { columns, data, target } = makeRequests(800, 2);
  for (let start = 0; start < data.length; start += 40) {
    const body = { dataframe_split: { columns, data: data.slice(start, start + 40) } };
    const { headers } = await invoke(address, body);
    const predictionId = headers.get('x-prediction-id') ?? '';
    for (let row = 0; row < 40; row += 1) answered.push({ predictionId, row, value: target[start + row]! });
  }
}

/** The same law, but somebody changed the unit of a column. */
async function serveShifted(address: string): Promise<void> {
  const { columns, data } = makeRequests(800, 3);
  const distance = columns.indexOf('distance');
  for (const row of data) row[distance] = Number(row[distance]) * MILES_TO_KILOMETRES;
  for (let start = 0; start < data.length; start += 40) {
    await invoke(address, { dataframe_split: { columns, data: data.slice(start, start + 40) } });
  }
}

function invoke(address: string, body: unknown): Promise<Reply> {
  return caller.call('POST', `${address}/invocations`, body, 'invoker');
}

describe('an endpoint', () => {
  const { table, columns, data } = makeRequests(5, 4);
  const expected = model.probabilitiesOf(table);
  const records = data.map((row) => Object.fromEntries(columns.map((name, i) => [name, row[i]])));
  const byColumn = Object.fromEntries(columns.map((name, i) => [name, data.map((row) => row[i])]));

  it.each([
    ['dataframe_split', { dataframe_split: { columns, data } }],
    ['dataframe_records', { dataframe_records: records }],
    ['instances', { instances: records }],
    ['inputs', { inputs: byColumn }],
  ])("answers the trainer's own probabilities to %s", async (_format, body) => {
    const reply = await invoke(url, body);

    expect(reply.status).toBe(200);
    expectClose(
      reply.body.predictions.map(({ probabilities }: { probabilities: number[] }) => probabilities[1]),
      expected,
    );
  });

  it('answers Open Inference v2 with the same numbers', async () => {
    const inputs = columns.map((name, i) => ({
      name,
      shape: [data.length, 1],
      datatype: name === 'carrier' ? 'BYTES' : 'FP64',
      data: data.map((row) => row[i]),
    }));

    const reply = await caller.call('POST', `${url}/v2/models/talks/infer`, { inputs }, 'invoker');
    const metadata = await caller.call('GET', `${url}/v2/models/talks`, undefined, 'viewer');

    expect(reply.status).toBe(200);
    const { data: flat } = reply.body.outputs.find(({ name }: { name: string }) => name === 'probabilities');
    expectClose(
      flat.filter((_: number, i: number) => i % 2 === 1),
      expected,
    );
    expect(metadata.body.inputs.map(({ name }: { name: string }) => name)).toEqual(columns);
  });

  it("reads the missing values of MLflow's client, which writes NaN", async () => {
    const body = JSON.stringify({
      dataframe_split: { columns, data: [data[0]!.map((v) => (typeof v === 'number' ? null : v))] },
    });

    const [nulls, tokens] = [
      await send(`${url}/invocations`, body),
      await send(`${url}/invocations`, body.replaceAll('null', 'NaN')),
    ];

    expect(tokens).toEqual({ status: 200, text: nulls.text });
  });

  it('answers tensors in the binary form, which the gateway carries as bytes', async () => {
    const parts = columns.map((name, i) => {
      const values = data.map((row) => row[i] ?? null);
      const isText = name === 'carrier';
      const bytes = isText
        ? encodeTexts(values.map((value) => `${value ?? ''}`))
        : Buffer.from(Float64Array.from(values, (value) => Number(value ?? Number.NaN)).buffer);
      const parameters = { binary_data_size: bytes.length };
      return {
        bytes,
        input: { name, shape: [data.length], datatype: isText ? 'BYTES' : 'FP64', parameters },
      };
    });
    const json = JSON.stringify({
      inputs: parts.map(({ input }) => input),
      outputs: [{ name: 'probabilities', parameters: { binary_data: true } }],
    });

    const response = await fetch(`${url}/v2/models/talks/infer`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${caller.token('invoker')}`,
        'content-type': 'application/octet-stream',
        'inference-header-content-length': `${Buffer.byteLength(json)}`,
      },
      body: Buffer.concat([Buffer.from(json), ...parts.map(({ bytes }) => bytes)]),
    });

    expect(response.status).toBe(200);
    const answer = Buffer.from(await response.arrayBuffer());
    const start = Number(response.headers.get('inference-header-content-length'));
    expectClose(
      data.map((_, row) => answer.readFloatLE(start + row * 8 + 4)),
      expected,
    );
  });

  it.each(['/ping', '/version', '/v2/health/live', '/v2/health/ready', '/v2/models/talks/ready'])(
    'is well at %s',
    async (path) => {
      expect((await caller.call('GET', `${url}${path}`, undefined, 'viewer')).status).toBe(200);
    },
  );
});

describe('a request that is wrong', () => {
  const row = (change: object) => ({
    dataframe_records: [{ hour: 1, distance: 2, wind: 3, carrier: 'AA', ...change }],
  });

  it.each([
    ['malformed JSON', '{"dataframe_split": {"columns": [', 400, /JSON/],
    ['a wrong type', JSON.stringify(row({ distance: 'far' })), 400, /distance/],
    ['an unknown column', JSON.stringify(row({ colour: 'red' })), 400, /colour/],
    ['no known format', '{"rows": []}', 400, /rows/],
    ['nothing', '', 400, /body/],
    ['a body over the limit', JSON.stringify(row({ carrier: 'x'.repeat(4_200_000) })), 413, /4194304/],
  ])('is refused with its reason: %s', async (_name, body, status, words) => {
    const reply = await send(`${url}/invocations`, body);

    expect(reply.status).toBe(status);
    const told = JSON.parse(reply.text) as { error_code: string; message: string };
    expect(told.error_code).toBe('BAD_REQUEST');
    expect(told.message).toMatch(words);
    expect(reply.text).not.toMatch(/\bat \S+:\d+|node_modules|\.ts\b|\.js\b/);
  });

  it('names each wrong field of Open Inference v2', async () => {
    const inputs = [{ name: 'colour', shape: [1, 1], datatype: 'FP64', data: [1] }];

    const reply = await send(`${url}/v2/models/talks/infer`, JSON.stringify({ inputs }));

    expect(reply.status).toBe(400);
    expect(JSON.parse(reply.text)).toMatchObject({
      error: expect.stringContaining('colour'),
      errors: [{ path: expect.stringContaining('inputs[0]') }],
    });
  });

  it('is a 404 at an endpoint that does not exist', async () => {
    const reply = await send(url.replace(/talks$/, 'nothing/invocations'), JSON.stringify(row({})));

    expect(reply.status).toBe(404);
  });

  it("is a 401 without a token, a 403 for a viewer, and a 404 for another tenant's", async () => {
    const stranger = await CloudCaller.forNewTenant(getCloud(), 'loop-stranger');
    const body = JSON.stringify(row({}));

    const answers = [
      await send(`${url}/invocations`, body, ''),
      await send(`${url}/invocations`, body, `Bearer ${'prn_0'.padEnd(53, '0')}`),
      await send(`${url}/invocations`, body, `Bearer ${caller.token('viewer')}`),
      await send(`${url}/invocations`, body, `Bearer ${stranger.token('admin')}`),
      await send(`${url}/v2/models/talks/infer`, body, `Bearer ${stranger.token('admin')}`),
    ];

    expect(answers.map(({ status }) => status)).toEqual([401, 401, 403, 404, 404]);
  });
});

/** Each text after its length in four bytes. */
function encodeTexts(texts: readonly string[]): Buffer {
  return Buffer.concat(
    texts.map((text) => {
      const bytes = Buffer.alloc(4 + Buffer.byteLength(text));
      bytes.writeUInt32LE(bytes.length - 4);
      bytes.write(text, 4);
      return bytes;
    }),
  );
}

async function send(address: string, body: string, authorization = `Bearer ${caller.token('invoker')}`) {
  const response = await fetch(address, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(authorization === '' ? {} : { authorization }) },
    body,
  });
  return { status: response.status, text: await response.text() };
}

describe('what was served', () => {
  it('is counted exactly, large and refused requests included, and nothing is lost', async () => {
    const { url: address } = (await caller.call('GET', '/api/v1/endpoints/counted')).body;
    const { columns, data } = makeRequests(1000, 5);
    await invoke(address, { dataframe_split: { columns, data } });
    for (const one of data.slice(0, 20)) await invoke(address, { dataframe_split: { columns, data: [one] } });
    await invoke(address, { dataframe_split: { columns, data: [['x', 'y', 'z', 1]] } });

    const isCounted = ({ body }: Reply) => body.versions?.[0]?.requests >= 22;
    const metrics = await caller.until('/api/v1/endpoints/counted/metrics', isCounted, 180);

    // A refused input counts against the version, whose signature may be at fault.
    expect(metrics.body.versions).toMatchObject([
      { version: 1, requests: 22, rows: 1020, errors: 1, loss: { gaps: 0, repeats: 0 } },
    ]);
    expect(metrics.body.versions[0].latencyMs.p50).toBeGreaterThan(0);
  });

  it('is kept as raw rows with their ids and predictions', async () => {
    await caller.until('/api/v1/endpoints/calm/metrics', ({ body }) => body.versions[0]?.rows === 800);

    const rows = await readRawRows('calm');

    expect(rows).toHaveLength(800);
    expect(rows.map(toJoinKey).toSorted()).toEqual(answered.map(toJoinKey).toSorted());
    expect(rows[0]).toMatchObject({
      version: 1,
      features: { hour: expect.any(Number), distance: expect.any(Number) },
      prediction: expect.any(Number),
      score: expect.any(Number),
    });
  });

  it('may come from a model that is served elsewhere', async () => {
    const { columns, data } = makeRequests(50, 6);
    const predictions = data.map((values, i) => ({
      inferenceId: `theirs-${i}`,
      version: 1,
      features: Object.fromEntries(columns.map((name, c) => [name, values[c]])),
      prediction: i % 2,
      score: 0.25,
    }));
    const path = '/api/v1/endpoints/elsewhere';

    const posted = await caller.call('POST', `${path}/predictions`, { predictions }, 'invoker');
    await caller.until(`${path}/metrics`, ({ body }) => body.versions[0]?.rows === 50);

    const rows = await readRawRows('elsewhere');
    expect(posted.status).toBe(202);
    expect(rows.map(({ predictionId }) => predictionId).toSorted()).toEqual(
      posted.body.predictionIds.toSorted(),
    );
    expect(rows[7]).toMatchObject({ inferenceId: 'theirs-7', prediction: 1, score: 0.25 });
  });
});

describe('drift', () => {
  it('is found where the traffic changed, and told', async () => {
    const path = '/api/v1/endpoints/shifted/drift';

    const { body } = await caller.until(path, (reply) => reply.body.items.length > 0, EVALUATED_SECONDS);
    const audit = await caller.call(
      'GET',
      '/api/v1/audit?resource=endpoints/shifted/drift',
      undefined,
      'admin',
    );

    const [window] = body.items;
    expect(window.verdict).toBe('SEVERE');
    expect(window.rows).toBe(800);
    const drifting = window.columns.filter(({ verdict }: { verdict: string }) => verdict !== 'NONE');
    expect(drifting.map(({ column }: { column: string }) => column)).toContain('distance');
    expect(audit.body.items).toMatchObject([{ action: 'perennial.monitoring.DriftDetected' }]);
  });

  it('is not found where it did not', async () => {
    const path = '/api/v1/endpoints/calm/drift';

    const { body } = await caller.until(path, (reply) => reply.body.items.length > 0, EVALUATED_SECONDS);

    expect(body.items.map(({ verdict }: { verdict: string }) => verdict)).toEqual(['NONE']);
  });
});

describe('ground truth', () => {
  it('counts once what was posted twice', async () => {
    const path = '/api/v1/endpoints/calm';
    const labels = { labels: answered.slice(0, 600) };
    const isMeasured = ({ body }: Reply) => body.items.length > 0;

    const first = await caller.call('POST', `${path}/ground-truth`, labels, 'invoker');
    await caller.call('POST', `${path}/ground-truth`, labels, 'invoker');
    const { body } = await caller.until(`${path}/performance`, isMeasured, EVALUATED_SECONDS);

    expect(first).toMatchObject({ status: 202, body: { accepted: 600 } });
    const [window] = body.items;
    expect(window).toMatchObject({ captured: 800, labelled: 600, version: 1 });
    // The generated law leaves about this much to chance.
    expect(window.metrics.auc.value).toBeGreaterThan(0.75);
  });
});

interface RawRow {
  readonly predictionId: string;
  readonly row: number;
}

async function readRawRows(endpoint: string): Promise<RawRow[]> {
  const s3 = new S3Client(rootSettings(getCloud()));
  const Bucket = await readShared(getCloud(), 'state/capture-bucket-name');
  const Prefix = `captures/tenant=${caller.tenant}/endpoint=${endpoint}/`;
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix }));
  const rows: RawRow[] = [];
  for (const { Key } of Contents) {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
    const text = gunzipSync((await Body?.transformToByteArray()) ?? new Uint8Array()).toString();
    rows.push(
      ...text
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as RawRow),
    );
  }
  return rows;
}

function toJoinKey({ predictionId, row }: RawRow): string {
  return `${predictionId}/${row}`;
}

/** The graph computes with floats, the trainer with doubles. */
function expectClose(actual: number[], expected: number[]): void {
  expect(actual).toHaveLength(expected.length);
  for (const [i, value] of actual.entries()) expect(value).toBeCloseTo(expected[i]!, 5);
}
