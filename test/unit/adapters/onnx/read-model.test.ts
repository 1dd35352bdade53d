import { create, toBinary } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import {
  ModelProtoSchema,
  TensorProto_DataLocation,
  TensorProto_DataType,
} from '../../../../adapters/onnx/onnx-ml_pb.ts';
import { readModel } from '../../../../adapters/onnx/read-model.ts';
import { InvalidInputError } from '../../../../domain/shared/domain-error.ts';
import { buildOnnxModel } from '../../../support/onnx-model.ts';

describe('readModel', () => {
  it('reads inputs, outputs and operator sets', () => {
    const bytes = buildOnnxModel({
      inputs: [{ name: 'x', type: 'float', shape: ['N', 3] }],
      outputs: [
        { name: 'y', type: 'int64', shape: ['N'] },
        { name: 'scores', type: 'zipmap' },
      ],
      nodes: [{ op: 'Identity', inputs: ['x'], outputs: ['y'] }],
    });

    const facts = readModel(bytes);

    expect(facts.inputs).toEqual([{ name: 'x', kind: 'tensor', elementType: 'float', shape: ['N', 3] }]);
    expect(facts.outputs.map(({ name, kind }) => [name, kind])).toEqual([
      ['y', 'tensor'],
      ['scores', 'sequence'],
    ]);
    expect(facts.opsets).toEqual([
      { domain: '', version: 17 },
      { domain: 'ai.onnx.ml', version: 3 },
    ]);
    expect(facts).toMatchObject({ nodeCount: 1, customDomains: [], externalData: [], irVersion: 8 });
  });

  it('hides inputs that an initializer fills, and finds files of weights', () => {
    const external = {
      name: 'w',
      dataType: TensorProto_DataType.FLOAT,
      dataLocation: TensorProto_DataLocation.EXTERNAL,
      externalData: [
        { key: 'offset', value: '0' },
        { key: 'location', value: 'weights.bin' },
      ],
    };
    const model = create(ModelProtoSchema, {
      graph: {
        input: [{ name: 'x' }, { name: 'w' }],
        initializer: [external, { ...external, name: 'v' }],
        sparseInitializer: [{ values: external, indices: { name: 'i' } }],
      },
    });

    const facts = readModel(toBinary(ModelProtoSchema, model));

    expect(facts.inputs.map(({ name }) => name)).toEqual(['x']);
    expect(facts.inputs[0]).toMatchObject({ kind: 'unknown', shape: null });
    expect(facts.initializerNames).toEqual(['w', 'v']);
    expect(facts.externalData).toEqual(['weights.bin']);
  });

  it('looks into sub-graphs and functions', () => {
    const inner = {
      node: [{ opType: 'Odd', domain: 'com.example' }],
      initializer: [{ name: 'w', dataLocation: TensorProto_DataLocation.EXTERNAL }],
    };
    const model = create(ModelProtoSchema, {
      graph: {
        node: [
          {
            opType: 'If',
            attribute: [
              { name: 'then_branch', g: inner },
              { name: 'more', graphs: [inner] },
            ],
          },
        ],
      },
      functions: [
        { name: 'Own', domain: 'own', node: [{ opType: 'Add' }, { opType: 'Own', domain: 'own' }] },
      ],
    });

    const facts = readModel(toBinary(ModelProtoSchema, model));

    expect(facts).toMatchObject({ nodeCount: 5, customDomains: ['com.example'], externalData: [''] });
  });

  it('refuses bytes that are no model and a model without a graph', () => {
    expect(() => readModel(new TextEncoder().encode('not a model'))).toThrow(InvalidInputError);
    expect(() => readModel(toBinary(ModelProtoSchema, create(ModelProtoSchema)))).toThrow('no graph');
  });
});
