import { describe, expect, it } from 'vitest';
import { InferenceFailedError } from '../../../../domain/serving/errors.ts';
import { JsonWriter } from '../../../../domain/serving/json-writer.ts';
import { describeModel } from '../../../../domain/serving/model-metadata.ts';
import { planOutputs } from '../../../../domain/serving/outputs.ts';
import type { GraphValue } from '../../../../domain/serving/ports.ts';
import type { NamedTensors } from '../../../../domain/serving/tensor.ts';
import { writePredictions } from '../../../../domain/serving/write-answer.ts';
import { writeInferResponse } from '../../../../domain/serving/write-infer-response.ts';
import {
  bindTensors,
  COLUMNS_GRAPH,
  columnsBinding,
  graphValue,
  MATRIX_GRAPH,
} from '../../../support/serving-models.ts';

const CLASSIFIED: NamedTensors = {
  label: { type: 'int64', data: BigInt64Array.of(1n, 0n), dims: [2] },
  probabilities: { type: 'float32', data: Float32Array.of(0.25, 0.75, 1, 0), dims: [2, 2] },
};
const planOf = (...outputs: GraphValue[]) => planOutputs({ inputs: [], outputs });
const ZIPMAP = { name: 'output_probability', isTensor: false, type: undefined, shape: [] };

function predictions(outputs: NamedTensors, rows: number, ...values: GraphValue[]) {
  const writer = new JsonWriter();
  writePredictions(writer, planOf(...values), outputs, rows);
  return JSON.parse(writer.toString()).predictions;
}

describe('planOutputs', () => {
  it('knows the label and the scores of a classifier', () => {
    expect(planOutputs(MATRIX_GRAPH)).toEqual({
      names: ['label', 'probabilities'],
      label: 'label',
      scores: 'probabilities',
    });
  });

  it('leaves out ZipMap and keeps the label beside it', () => {
    expect(planOf(graphValue('output_label', 'int64', ['N']), ZIPMAP)).toEqual({
      names: ['output_label'],
      label: undefined,
      scores: undefined,
    });
  });

  it('sees neither label nor scores in a regression', () => {
    expect(planOf(graphValue('variable', 'float32', ['N', 1]))).toMatchObject({
      label: undefined,
      scores: undefined,
    });
  });

  it('prefers the output that is called score', () => {
    const plan = planOf(
      graphValue('label', 'int64', ['N', 1]),
      graphValue('depth', 'float32', ['N', 1]),
      graphValue('scores', 'float32', ['N', 1]),
    );

    expect(plan.scores).toBe('scores');
  });
});

describe('writePredictions', () => {
  it('nests rows of tensors beyond two dimensions as the tensor is', () => {
    const image = { type: 'uint8', data: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8), dims: [2, 2, 2] } as const;

    const rows = predictions({ image }, 2, graphValue('image', 'uint8', ['N', 2, 2]));

    expect(rows).toEqual([
      [
        [1, 2],
        [3, 4],
      ],
      [
        [5, 6],
        [7, 8],
      ],
    ]);
  });

  it('writes a record a row for a classifier', () => {
    expect(predictions(CLASSIFIED, 2, ...MATRIX_GRAPH.outputs)).toEqual([
      { label: 1, probabilities: [0.25, 0.75] },
      { label: 0, probabilities: [1, 0] },
    ]);
  });

  it.each<[string, NamedTensors, unknown]>([
    [
      'a column of floats',
      { y: { type: 'float32', data: Float32Array.of(0.1, Number.NaN), dims: [2, 1] } },
      [0.1, null],
    ],
    [
      'a matrix',
      { y: { type: 'float64', data: Float64Array.of(1, 2, 3, 4), dims: [2, 2] } },
      [
        [1, 2],
        [3, 4],
      ],
    ],
    ['strings', { y: { type: 'string', data: ['Zürich', '"'], dims: [2] } }, ['Zürich', '"']],
    ['booleans', { y: { type: 'bool', data: Uint8Array.of(1, 0), dims: [2] } }, [true, false]],
    ['small integers', { y: { type: 'int8', data: Int8Array.of(-1, 2), dims: [2] } }, [-1, 2]],
  ])('writes a plain list for %s', (_, outputs, expected) => {
    expect(predictions(outputs, 2, graphValue('y', outputs.y!.type, ['N']))).toEqual(expected);
  });

  it('writes NaN and infinities as MLflow does, when asked to', () => {
    const writer = new JsonWriter();
    const data = Float32Array.of(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY);

    writer.reset('token');
    writePredictions(
      writer,
      planOf(graphValue('y', 'float32', ['N'])),
      { y: { type: 'float32', data, dims: [3] } },
      3,
    );

    expect(writer.toString()).toBe('{"predictions":[NaN,Infinity,-Infinity]}');
  });

  it('writes 64-bit integers with all their digits', () => {
    const writer = new JsonWriter();
    const outputs: NamedTensors = {
      y: { type: 'int64', data: BigInt64Array.of(9007199254740993n), dims: [1] },
    };

    writePredictions(writer, planOf(graphValue('y', 'int64', ['N'])), outputs, 1);

    expect(writer.toString()).toBe('{"predictions":[9007199254740993]}');
  });

  it.each<[string, NamedTensors]>([
    ['that is not there', {}],
    [
      'that does not divide over the rows',
      { y: { type: 'float32', data: Float32Array.of(1, 2, 3), dims: [3] } },
    ],
  ])('fails in plain words for an output %s', (_, outputs) => {
    expect(() => predictions(outputs, 2, graphValue('y', 'float32', ['N']))).toThrow(InferenceFailedError);
  });
});

const asked = (names: string[], binary: string[] = [], asTable = false) => ({
  names,
  binary: new Set(binary),
  asTable,
});

describe('writeInferResponse', () => {
  it('puts the tensors that were asked for as binary behind the JSON', () => {
    const { json, binary } = writeInferResponse(
      new JsonWriter(),
      { name: 'flights', version: '3' },
      { id: undefined, outputs: asked(['label', 'probabilities'], ['label']) },
      CLASSIFIED,
    );

    expect(JSON.parse(json).outputs).toEqual([
      { name: 'label', datatype: 'INT64', shape: [2], parameters: { binary_data_size: 16 } },
      { name: 'probabilities', datatype: 'FP32', shape: [2, 2], data: [0.25, 0.75, 1, 0] },
    ]);
    expect(binary).toEqual([Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)]);
  });

  it('says of a table that it is one, and which columns are text', () => {
    const outputs: NamedTensors = { y: { type: 'string', data: ['a'], dims: [1] } };

    const { json } = writeInferResponse(
      new JsonWriter(),
      { name: 'flights', version: '3' },
      { id: undefined, outputs: asked(['y'], [], true) },
      outputs,
    );

    expect(JSON.parse(json)).toMatchObject({
      parameters: { content_type: 'pd' },
      outputs: [{ datatype: 'BYTES', parameters: { content_type: 'str' }, data: ['a'] }],
    });
  });

  it('echoes the id and writes flat data with shapes and datatypes', () => {
    const { json, binary } = writeInferResponse(
      new JsonWriter(),
      { name: 'flights', version: '3' },
      { id: '42', outputs: asked(['label', 'probabilities']) },
      CLASSIFIED,
    );

    expect(binary).toEqual([]);
    expect(JSON.parse(json)).toEqual({
      model_name: 'flights',
      model_version: '3',
      id: '42',
      outputs: [
        { name: 'label', datatype: 'INT64', shape: [2], data: [1, 0] },
        { name: 'probabilities', datatype: 'FP32', shape: [2, 2], data: [0.25, 0.75, 1, 0] },
      ],
    });
  });

  it('fails in plain words when the model left an output out', () => {
    expect(() =>
      writeInferResponse(
        new JsonWriter(),
        { name: 'a', version: '1' },
        { id: undefined, outputs: asked(['y']) },
        {},
      ),
    ).toThrow(InferenceFailedError);
  });
});

describe('describeModel', () => {
  it('lists what infer takes and gives', () => {
    const metadata = describeModel('flights', '3', columnsBinding(), COLUMNS_GRAPH);

    expect(metadata).toMatchObject({ name: 'flights', versions: ['3'], platform: 'onnx_onnxv1' });
    expect(metadata.inputs[1]).toEqual({ name: 'city', datatype: 'BYTES', shape: [-1, 1] });
    expect(metadata.outputs).toEqual([{ name: 'score', datatype: 'FP32', shape: [-1, 1] }]);
  });

  it('lists the tensors of a model of tensors', () => {
    const graph = { inputs: [graphValue('x', 'float32', ['N', 2])], outputs: [ZIPMAP] };

    const metadata = describeModel('e', '1', bindTensors(graph, [['x', 'float32', [-1, 2]]]), graph);

    expect(metadata).toMatchObject({
      inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 2] }],
      outputs: [],
    });
  });
});
