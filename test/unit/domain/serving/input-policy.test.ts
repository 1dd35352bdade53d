import { describe, expect, it } from 'vitest';
import { bindSignature } from '../../../../domain/serving/bind-signature.ts';
import type { Binding, ColumnBinding } from '../../../../domain/serving/binding.ts';
import { parseInputPolicy, STRICT_INPUT } from '../../../../domain/serving/input-policy.ts';
import { readCsv } from '../../../../domain/serving/read-csv.ts';
import { readInferRequest } from '../../../../domain/serving/read-infer-request.ts';
import { readInvocations } from '../../../../domain/serving/read-invocations.ts';
import { parseSignature } from '../../../../domain/shared/signature.ts';
import { COLUMNS_GRAPH, graphValue, MATRIX_GRAPH } from '../../../support/serving-models.ts';

const MATRIX = parseSignature({
  inputs: [
    { name: 'a', type: 'double' },
    { name: 'b', type: 'double' },
  ],
});
const COLUMNS = parseSignature({
  inputs: [
    { name: 'age', type: 'double' },
    { name: 'city', type: 'string' },
    { name: 'visits', type: 'long' },
    { name: 'member', type: 'boolean', required: false },
  ],
});
const IGNORING = parseInputPolicy('{"unknownColumns":"ignore"}');
const ignoring = () => bindSignature(MATRIX, MATRIX_GRAPH, IGNORING) as ColumnBinding;
const withRules = (missingValues: object): Binding =>
  bindSignature(COLUMNS, COLUMNS_GRAPH, parseInputPolicy(JSON.stringify({ missingValues })));

describe('an input policy', () => {
  it('is strict when nothing is said', () => {
    expect(parseInputPolicy(undefined)).toEqual(STRICT_INPUT);
  });

  it.each([
    ['no JSON', '{', 'not JSON'],
    ['a list', '[]', 'must be a JSON object'],
    ['an unknown setting', '{"unknown":1}', 'INPUT_POLICY.unknown'],
    ['an unknown choice', '{"unknownColumns":"drop"}', 'must be refuse or ignore'],
    ['an unclear rule', '{"missingValues":{"a":"skip"}}', 'INPUT_POLICY.missingValues.a'],
  ])('is refused when it is %s', (_, text, message) => {
    expect(() => parseInputPolicy(text)).toThrow(message);
  });

  it.each<[string, Record<string, unknown>]>([
    ['dataframe_split', { dataframe_split: { columns: ['z', 'b', 'a'], data: [[9, 2, 1]] } }],
    ['dataframe_records', { dataframe_records: [{ a: 1, z: 'x', b: 2 }] }],
    ['instances', { instances: [{ b: 2, a: 1, z: null }] }],
    ['inputs', { inputs: { z: ['?'], a: [1], b: [2] } }],
    ['inputs of one row', { inputs: { z: '?', a: 1, b: 2 } }],
  ])('leaves unknown columns out of %s when it says so', (_, body) => {
    const batch = readInvocations(body, ignoring());

    expect(batch.feeds.features?.data).toEqual(Float32Array.of(1, 2));
    expect(() => readInvocations(body, bindSignature(MATRIX, MATRIX_GRAPH))).toThrow('is not a column');
  });

  it('leaves them out of CSV and of Open Inference requests', () => {
    const inputs = ['z', 'b', 'a'].map((name, k) => ({ name, shape: [1], datatype: 'FP64', data: [k] }));

    const csv = readInvocations(readCsv('b,z,a\n2,x,1\n', ignoring()), ignoring());
    const infer = readInferRequest({ inputs }, ignoring(), []);

    expect(csv.feeds.features?.data).toEqual(Float32Array.of(1, 2));
    expect(infer.batch.feeds.features?.data).toEqual(Float32Array.of(2, 1));
  });

  it('still needs the required columns', () => {
    const body = { dataframe_split: { columns: ['z', 'a'], data: [[1, 2]] } };

    expect(() => readInvocations(body, ignoring())).toThrow("must have the column 'b'");
  });

  it('refuses missing values of a column, with the place', () => {
    const binding = withRules({ age: 'refuse' });
    const body = { dataframe_records: [{ age: null, city: null, visits: 1 }] };

    expect(() => readInvocations({ ...body }, binding)).toThrow('dataframe_records[0].age must be a number');
  });

  it('refuses them in a matrix too, where the fast reader would take them', () => {
    const policy = parseInputPolicy('{"missingValues":{"b":"refuse"}}');
    const binding = bindSignature(MATRIX, MATRIX_GRAPH, policy);

    expect(() => readInvocations({ instances: [[1, null]] }, binding)).toThrow('instances[0][1]');
    expect(readInvocations({ instances: [[null, 1]] }, binding).feeds.features?.data).toEqual(
      Float32Array.of(Number.NaN, 1),
    );
  });

  it('fills them with a value, integers and booleans included, and columns that are left out', () => {
    const binding = withRules({ age: { fill: 40.5 }, visits: { fill: 7 }, member: { fill: true } });

    const { feeds } = readInvocations(
      { dataframe_records: [{ age: null, city: 'Bern', visits: null }] },
      binding,
    );

    expect(feeds.age?.data).toEqual(Float32Array.of(40.5));
    expect(feeds.visits?.data).toEqual(BigInt64Array.of(7n));
    expect(feeds.member?.data).toEqual(Uint8Array.of(1));
  });

  it('does not start with a value that is not of the column’s type', () => {
    expect(() => withRules({ visits: { fill: 'none' } })).toThrow("missing values of 'visits'");
  });

  it('holds for tensors', () => {
    const graph = { inputs: [graphValue('x', 'float32', ['N', 1])], outputs: [] };
    const tensor = { name: 'x', type: 'tensor', 'tensor-spec': { dtype: 'float32', shape: [-1, 1] } };
    const policy = parseInputPolicy('{"missingValues":{"x":{"fill":0}},"unknownColumns":"ignore"}');
    const binding = bindSignature(parseSignature({ inputs: [tensor] }), graph, policy);

    const batch = readInvocations({ inputs: { x: [[null], [2]], y: [[1], [1]] } }, binding);

    expect(batch.feeds).toEqual({ x: { type: 'float32', data: Float32Array.of(0, 2), dims: [2, 1] } });
  });
});
