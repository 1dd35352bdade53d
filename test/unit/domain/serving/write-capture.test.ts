import { describe, expect, it } from 'vitest';
import type { Batch } from '../../../../domain/serving/batch.ts';
import type { Binding } from '../../../../domain/serving/binding.ts';
import { type CaptureLine, isFirstLine, parseCaptureLine } from '../../../../domain/serving/capture-line.ts';
import { CAPTURE_EVERYTHING, type CaptureSettings } from '../../../../domain/serving/capture-settings.ts';
import { JsonWriter } from '../../../../domain/serving/json-writer.ts';
import { type OutputPlan, planOutputs } from '../../../../domain/serving/outputs.ts';
import { readInvocations } from '../../../../domain/serving/read-invocations.ts';
import type { NamedTensors } from '../../../../domain/serving/tensor.ts';
import { type CapturedRequest, CaptureWriter } from '../../../../domain/serving/write-capture.ts';
import {
  bindColumns,
  bindTensors,
  columnsBinding,
  graphValue,
  MATRIX_GRAPH,
  matrixBinding,
} from '../../../support/serving-models.ts';

const SOURCE = { tenant: 'default', endpoint: 'flights', version: 3, environment: 'f3a1c5d7e9b2' };
const REQUEST: CapturedRequest = {
  timeMs: 1_790_000_000_000,
  id: 'prd_01M7YET6CT0123456789ABCDEF',
  inferenceId: undefined,
  status: 200,
  durationMs: 0.5234,
  cold: false,
  error: undefined,
  batch: undefined,
  outputs: undefined,
};
const CLASSIFIER = planOutputs(MATRIX_GRAPH);
const REGRESSION = planOutputs({ inputs: [], outputs: [graphValue('y', 'float32', ['N', 1])] });

function makeWriter(binding: Binding, plan: OutputPlan, settings: CaptureSettings = CAPTURE_EVERYTHING) {
  return new CaptureWriter(SOURCE, settings, binding, plan, new JsonWriter(), (value) => `h(${value})`);
}

function write(writer: CaptureWriter, change: Partial<CapturedRequest>): string[] {
  const lines: string[] = [];
  writer.write({ ...REQUEST, ...change }, (line) => lines.push(line));
  return lines;
}

function parse(line: string | undefined): CaptureLine {
  const parsed = parseCaptureLine(line ?? '');
  if (parsed === undefined) throw new Error(`not a capture line: ${line}`);
  return parsed;
}

const matrixBatch = (): Batch =>
  readInvocations(
    {
      instances: [
        [1.5, null],
        [3, 4],
      ],
    },
    matrixBinding(),
  );
const classified: NamedTensors = {
  label: { type: 'int64', data: BigInt64Array.of(1n, 0n), dims: [2] },
  probabilities: { type: 'float32', data: Float32Array.of(0.25, 0.75, 0.875, 0.125), dims: [2, 2] },
};

describe('CaptureWriter', () => {
  it('writes a request as one line that parseCaptureLine reads back', () => {
    const [line, ...others] = write(makeWriter(matrixBinding(), CLASSIFIER), {
      batch: matrixBatch(),
      outputs: classified,
    });

    expect(others).toEqual([]);
    expect(line?.endsWith('}\n')).toBe(true);
    expect(parse(line)).toEqual({
      prn: 1,
      k: 'default/flights',
      v: 3,
      e: 'f3a1c5d7e9b2',
      n: 0,
      t: 1_790_000_000_000,
      id: REQUEST.id,
      ms: 0.52,
      f: [
        [1.5, null],
        [3, 4],
      ],
      y: [1, 0],
      q: [0.75, 0.125],
    });
  });

  it("keeps the caller's id, the first request's mark, and the sequence", () => {
    const writer = makeWriter(matrixBinding(), CLASSIFIER);
    write(writer, {});

    const line = parse(write(writer, { inferenceId: 'order "7"', cold: true })[0]);

    expect(line).toMatchObject({ n: 1, x: 'order "7"', c: 1 });
  });

  it('writes a failed request without rows, with its status and code', () => {
    const line = parse(
      write(makeWriter(matrixBinding(), CLASSIFIER), { status: 400, error: 'INVALID_INPUT' })[0],
    );

    expect(line).toMatchObject({ s: 400, err: 'INVALID_INPUT', f: [], y: [] });
    expect(line).not.toHaveProperty('q');
  });

  it('stays within 300 bytes for ten features', () => {
    const names = Array.from({ length: 10 }, (_, k) => `f${k}`);
    const graph = { inputs: [graphValue('x', 'float32', ['N', 10])], outputs: MATRIX_GRAPH.outputs };
    const binding = bindColumns(
      graph,
      names.map((name) => [name, 'double']),
    );
    const batch = readInvocations({ instances: [names.map((_, k) => Math.sin(k + 1) * 1000)] }, binding);
    const outputs: NamedTensors = {
      label: { type: 'int64', data: BigInt64Array.of(1n), dims: [1] },
      probabilities: { type: 'float32', data: Float32Array.of(0.123456789, 0.876543211), dims: [1, 2] },
    };

    const [line] = write(makeWriter(binding, CLASSIFIER), { batch, outputs });

    expect(Buffer.byteLength(line ?? '')).toBeLessThanOrEqual(300);
  });

  it('splits a large request into numbered lines without losing a row', () => {
    const rows = 9000;
    const data = Array.from({ length: rows }, (_, i) => [i + 0.123, -i - 0.456]);
    const batch = readInvocations({ instances: data }, matrixBinding());
    const outputs: NamedTensors = {
      y: { type: 'float32', data: Float32Array.from(data, ([a]) => a!), dims: [rows, 1] },
    };

    const lines = write(makeWriter(matrixBinding(), REGRESSION), { batch, outputs }).map(parse);

    expect(lines.length).toBeGreaterThan(1);
    expect(lines.map((line) => line.n)).toEqual(lines.map((_, index) => index));
    expect(lines.filter(isFirstLine)).toHaveLength(1);
    expect(lines.every((line) => line.m === rows && line.f.length === line.y.length)).toBe(true);
    expect(lines.map((line) => line.o)).toEqual(
      lines.map((_, k) => lines.slice(0, k).reduce((sum, line) => sum + line.f.length, 0)),
    );
    expect(lines.flatMap((line) => line.f).map((row) => Math.fround(row[0] as number))).toEqual([
      ...Float32Array.from(data, ([a]) => a!),
    ]);
  });

  it('replaces dropped and hashed columns before anything is written', () => {
    const settings = { enabled: true, drop: ['city'], hash: ['visits'], hashKey: 'a' };
    const batch = readInvocations(
      { dataframe_records: [{ age: 41.5, city: 'Bern', visits: 3, member: true }] },
      columnsBinding(),
    );

    const [line] = write(makeWriter(columnsBinding(), REGRESSION, settings), { batch });

    expect(parse(line).f).toEqual([[41.5, null, 'h(3)', true]]);
    expect(line).not.toContain('Bern');
  });

  it('writes missing booleans as null', () => {
    const binding = bindColumns({ inputs: [graphValue('x', 'float32', ['N', 2])], outputs: [] }, [
      ['a', 'boolean'],
      ['b', 'boolean'],
    ]);
    const batch = readInvocations({ instances: [[null, false]] }, binding);

    expect(parse(write(makeWriter(binding, REGRESSION), { batch })[0]).f).toEqual([[null, false]]);
  });

  it('writes the elements of small tensors, and none of large ones', () => {
    const small = bindTensors({ inputs: [graphValue('x', 'float32', ['N', 2])], outputs: [] }, [
      ['x', 'float32', [-1, 2]],
    ]);
    const large = bindTensors({ inputs: [graphValue('x', 'float32', ['N', 300])], outputs: [] }, [
      ['x', 'float32', [-1, 300]],
    ]);
    const few = readInvocations({ inputs: [[1, 2]] }, small);
    const many = readInvocations({ inputs: [new Array(300).fill(1)] }, large);

    expect(parse(write(makeWriter(small, REGRESSION), { batch: few })[0]).f).toEqual([[1, 2]]);
    expect(parse(write(makeWriter(large, REGRESSION), { batch: many })[0]).f).toEqual([[]]);
  });

  it('takes the highest score of many classes', () => {
    const outputs: NamedTensors = {
      label: { type: 'string', data: ['b'], dims: [1] },
      probabilities: { type: 'float32', data: Float32Array.of(0.125, 0.625, 0.25), dims: [1, 3] },
    };
    const batch = readInvocations({ instances: [[1, 2]] }, matrixBinding());

    expect(parse(write(makeWriter(matrixBinding(), CLASSIFIER), { batch, outputs })[0])).toMatchObject({
      y: ['b'],
      q: [0.625],
    });
  });
});

describe('parseCaptureLine', () => {
  it.each([
    ['another log line', '{"level":"ERROR"}'],
    ['a line that was cut', '{"prn":1,"k":"a/b"'],
    ['a line without its fields', '{"prn":1,"k":"a/b"}'],
  ])('passes over %s', (_, text) => {
    expect(parseCaptureLine(text)).toBeUndefined();
  });
});
