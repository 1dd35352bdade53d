import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { parseRequest } from '../../../../adapters/lambda/request.ts';
import { defineRoute } from '../../../../domain/shared/define-route.ts';
import {
  mlflowDouble,
  mlflowEnum,
  mlflowInteger,
  mlflowLimit,
  mlflowList,
  mlflowOptionalBoolean,
  mlflowOptionalString,
  mlflowString,
  mlflowStringList,
  mlflowStrings,
  mlflowText,
} from '../../../../domain/shared/mlflow-shapes.ts';

const SEE = 'See the API docs for more information about request parameters.';
const base = { role: 'viewer', summary: '', response: z.unknown(), surface: 'mlflow' } as const;

const post = defineRoute('post', {
  ...base,
  method: 'POST',
  path: '/p',
  body: z.object({
    run_id: mlflowString,
    value: mlflowDouble,
    step: mlflowInteger.nullish(),
    run_name: mlflowOptionalString,
    is_kept: mlflowOptionalBoolean,
    max_results: mlflowLimit(1000),
    order_by: mlflowStringList,
    status: mlflowEnum({ RUNNING: 1, FINISHED: 3 }),
    metrics: mlflowList({ key: mlflowString, note: mlflowText }),
  }),
});
const get = defineRoute('get', {
  ...base,
  method: 'GET',
  path: '/p',
  query: z.object({ name: mlflowString, stages: mlflowStrings, max_results: mlflowLimit(1000) }),
});
const raw = defineRoute('raw', { ...base, method: 'POST', path: '/p', body: z.unknown() });

function makeEvent(body: string, headers: Record<string, string> = { 'content-type': 'application/json' }) {
  return { body, headers } as unknown as APIGatewayProxyEventV2;
}

function send(body: unknown): Record<string, unknown> {
  return parseRequest(makeEvent(typeof body === 'string' ? body : JSON.stringify(body)), post, {}).body;
}

function query(rawQueryString: string): Record<string, unknown> {
  const event = { rawQueryString, headers: {} } as unknown as APIGatewayProxyEventV2;
  return parseRequest(event, get, {}).query;
}

const valid = { run_id: 'r', value: 1 };

describe("a body on MLflow's routes", () => {
  it.each([
    [{}, `Missing value for required parameter 'run_id'. ${SEE}`],
    [{ run_id: '', value: 1 }, `Missing value for required parameter 'run_id'. ${SEE}`],
    [{ run_id: null, value: 1 }, `Missing value for required parameter 'run_id'. ${SEE}`],
    [
      { run_id: 5 },
      `Invalid value 5 for parameter 'run_id' supplied:  Hint: Value was of type 'int'. ${SEE}`,
    ],
    [
      { run_id: { b: [1.5, true, null], a: 'é"' } },
      `Invalid value {"a":"\\u00e9\\"","b":[1.5,true,null]} for parameter 'run_id' supplied:  Hint: Value was of type 'dict'. ${SEE}`,
    ],
    [
      { ...valid, value: 'abc' },
      `Invalid value "abc" for parameter 'value' supplied:  Hint: Value was of type 'str'. ${SEE}`,
    ],
    [
      '{"run_id":9.0}',
      `Invalid value 9.0 for parameter 'run_id' supplied:  Hint: Value was of type 'float'. ${SEE}`,
    ],
    [
      '{"run_id":[1e20,-2.5e-7,1E3]}',
      `Invalid value [1e+20,-2.5e-07,1000.0] for parameter 'run_id' supplied:  Hint: Value was of type 'list'. ${SEE}`,
    ],
    [
      { ...valid, step: 1.5 },
      `Invalid value 1.5 for parameter 'step' supplied:  Hint: Value was of type 'float'. ${SEE}`,
    ],
    [
      { ...valid, is_kept: 'true' },
      `Invalid value "true" for parameter 'is_kept' supplied:  Hint: Value was of type 'str'. ${SEE}`,
    ],
    [
      { ...valid, max_results: '1001' },
      `Invalid value "1001" for parameter 'max_results' supplied:  Hint: Value was of type 'str'. ${SEE}`,
    ],
    [
      { ...valid, order_by: [1] },
      `Invalid value [1] for parameter 'order_by' supplied:  Hint: Value was of type 'list'. ${SEE}`,
    ],
    [
      { ...valid, metrics: 'm' },
      `Invalid value "m" for parameter 'metrics' supplied:  Hint: Value was of type 'str'. ${SEE}`,
    ],
    [
      { ...valid, metrics: [{ key: 'a' }, {}] },
      `Missing value for required parameter 'metrics[1].key'. ${SEE}`,
    ],
  ])('%j is refused in the words of its server', (body, message) => {
    expect(() => send(body)).toThrow(message);
  });

  it('is read as protobuf reads JSON', () => {
    const body = send({ run_id: 'r', value: '-Infinity', step: '-7', status: 3, metrics: null, other: 1 });

    expect(body).toEqual({
      run_id: 'r',
      value: Number.NEGATIVE_INFINITY,
      step: -7,
      status: 'FINISHED',
      metrics: [],
      order_by: [],
    });
  });

  it('may name an enum value that is unknown, which counts as absent', () => {
    expect(send({ ...valid, status: 'BOGUS' }).status).toBeUndefined();
  });

  it('may be encoded twice, or hold bare numbers of Python', () => {
    expect(send(JSON.stringify(JSON.stringify(valid)))).toMatchObject(valid);
    expect(send('{"run_id":"a NaN \\" NaN","value":NaN}')).toMatchObject({
      run_id: 'a NaN " NaN',
      value: Number.NaN,
    });
    expect(send('{"run_id":"r","value":-Infinity}')).toMatchObject({ value: Number.NEGATIVE_INFINITY });
  });

  it.each(['', '{bad', '[]', '7', '"x"'])('%j counts as an empty one', (body) => {
    expect(() => send(body)).toThrow("Missing value for required parameter 'run_id'");
  });

  it('may name a run as old clients do, and optional fields in camelCase', () => {
    expect(send({ run_uuid: 'u', value: 1, runName: 'n' })).toMatchObject({ run_id: 'u', run_name: 'n' });
    expect(() => send({ runId: 'r', value: 1 })).toThrow("Missing value for required parameter 'run_id'");
    expect(() => send({ ...valid, runName: 'n', run_name: 'n' })).toThrow(
      "Request specifies both 'run_name' and 'runName'; provide only one of them.",
    );
  });

  it('must be announced as JSON', () => {
    const body = JSON.stringify(valid);

    expect(() => parseRequest(makeEvent(body, {}), post, {})).toThrow(
      'Bad Request. Content-Type header is missing.',
    );
    expect(() => parseRequest(makeEvent(body, { 'content-type': 'text/plain' }), post, {})).toThrow(
      "Bad Request. Content-Type must be one of ['application/json'].",
    );
    const charset = { 'content-type': 'application/json; charset=utf-8' };
    expect(parseRequest(makeEvent(body, charset), post, {}).body).toMatchObject(valid);
  });

  it('is left alone where the route takes bytes', () => {
    expect(parseRequest(makeEvent('\u0000', {}), raw, {}).body).toBeUndefined();
  });
});

describe("a query on MLflow's routes", () => {
  it('takes the first of repeated parameters, or all of a list', () => {
    expect(query('name=a&name=b&stages=x&stages=y&max_results=5')).toEqual({
      name: 'a',
      stages: ['x', 'y'],
      max_results: 5,
    });
    expect(query('name=a&stages=x')).toMatchObject({ stages: ['x'] });
  });

  it('refuses a page that is too large as a value of the wrong type', () => {
    expect(() => query('name=a&max_results=1001')).toThrow(
      `Invalid value "1001" for parameter 'max_results' supplied:  Hint: Value was of type 'str'. ${SEE}`,
    );
  });
});
