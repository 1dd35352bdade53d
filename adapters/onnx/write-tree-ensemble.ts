import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { InvalidInputError } from '../../domain/shared/domain-error.ts';
import type { Feature } from '../../domain/training/gbdt/feature.ts';
import type { GbdtModel } from '../../domain/training/gbdt/model.ts';
import {
  floatAttribute,
  floatsAttribute,
  intAttribute,
  intsAttribute,
  stringAttribute,
  stringsAttribute,
} from './attributes.ts';
import {
  ModelProtoSchema,
  type NodeProtoSchema,
  TensorProto_DataType,
  type ValueInfoProtoSchema,
} from './onnx-ml_pb.ts';
import { TreeLists } from './tree-attributes.ts';

type Node = MessageInitShape<typeof NodeProtoSchema>;
type Value = MessageInitShape<typeof ValueInfoProtoSchema>;

const ML_DOMAIN = 'ai.onnx.ml';
const FEATURES = '__features';
const RESERVED = new Set(['label', 'probabilities', 'prediction', FEATURES]);

/**
 * The model as ONNX, the same bytes for the same model. It has one input per column, [N, 1]: float with NaN
 * for missing, or string with "" for missing. A binary model answers `label` (int64 [N]) and `probabilities`
 * (float [N, 2]), a regression `prediction` (float [N, 1]).
 *
 * @throws InvalidInputError when a column is called as one of the outputs.
 */
export function writeTreeEnsemble(model: GbdtModel): Uint8Array {
  for (const { name } of model.features) {
    if (RESERVED.has(name)) throw new InvalidInputError(`A column cannot be called '${name}' in ONNX.`);
  }
  const encoded = model.features.map((feature, index) => encodeFeature(feature, index));
  const concat: Node = {
    opType: 'Concat',
    input: encoded.map(({ output }) => output),
    output: [FEATURES],
    attribute: [intAttribute('axis', 1)],
  };
  const ensemble = model.objective === 'binary' ? writeClassifier(model) : writeRegressor(model);
  const file = create(ModelProtoSchema, {
    irVersion: 8n,
    producerName: 'perennial',
    opsetImport: [
      { domain: '', version: 17n },
      { domain: ML_DOMAIN, version: 3n },
    ],
    graph: {
      name: 'gradient-boosted-trees',
      node: [...encoded.flatMap(({ node }) => node), concat, ensemble.node],
      input: model.features.map(({ name, kind }) =>
        tensorValue(name, kind === 'numeric' ? 'FLOAT' : 'STRING', [null, 1]),
      ),
      output: ensemble.outputs,
    },
  });
  return toBinary(ModelProtoSchema, file);
}

function encodeFeature(feature: Feature, index: number): { output: string; node: Node[] } {
  if (feature.kind === 'numeric') return { output: feature.name, node: [] };
  const output = `__code_${index}`;
  // The operator refuses an empty list; "" is missing with or without an entry.
  const categories = feature.categories.length > 0 ? feature.categories : [''];
  const codes = feature.categories.length > 0 ? [...categories.keys()] : [Number.NaN];
  const node: Node = {
    opType: 'LabelEncoder',
    domain: ML_DOMAIN,
    input: [feature.name],
    output: [output],
    attribute: [
      stringsAttribute('keys_strings', categories),
      floatsAttribute('values_floats', codes),
      floatAttribute('default_float', Number.NaN),
    ],
  };
  return { output, node: [node] };
}

function writeClassifier(model: GbdtModel): { node: Node; outputs: Value[] } {
  const trees = listTrees(model);
  let base = model.baseScore;
  if (!trees.hasNegativeLeaf) {
    // Without a negative leaf onnxruntime takes the scores for probabilities and puts the border between the
    // labels at 0.5 instead of 0. One unit up and one down changes nothing else.
    trees.addConstant(-1);
    base += 1;
  }
  const node: Node = {
    opType: 'TreeEnsembleClassifier',
    domain: ML_DOMAIN,
    input: [FEATURES],
    output: ['label', 'probabilities'],
    attribute: [
      ...trees.toAttributes('class'),
      intsAttribute('classlabels_int64s', [0, 1]),
      floatsAttribute('base_values', [base]),
      stringAttribute('post_transform', 'LOGISTIC'),
    ],
  };
  const outputs = [tensorValue('label', 'INT64', [null]), tensorValue('probabilities', 'FLOAT', [null, 2])];
  return { node, outputs };
}

function writeRegressor(model: GbdtModel): { node: Node; outputs: Value[] } {
  const node: Node = {
    opType: 'TreeEnsembleRegressor',
    domain: ML_DOMAIN,
    input: [FEATURES],
    output: ['prediction'],
    attribute: [
      ...listTrees(model).toAttributes('target'),
      intAttribute('n_targets', 1),
      floatsAttribute('base_values', [model.baseScore]),
      stringAttribute('post_transform', 'NONE'),
    ],
  };
  return { node, outputs: [tensorValue('prediction', 'FLOAT', [null, 1])] };
}

function listTrees(model: GbdtModel): TreeLists {
  const trees = new TreeLists();
  for (const tree of model.trees) trees.add(tree);
  // An ensemble without trees does not load.
  if (trees.isEmpty) trees.addConstant(0);
  return trees;
}

/** `null` is the dimension that counts rows. */
function tensorValue(name: string, type: 'FLOAT' | 'INT64' | 'STRING', shape: (number | null)[]): Value {
  return {
    name,
    type: {
      value: {
        case: 'tensorType',
        value: {
          elemType: TensorProto_DataType[type],
          shape: {
            dim: shape.map((size) => ({
              value:
                size === null
                  ? { case: 'dimParam' as const, value: 'N' }
                  : { case: 'dimValue' as const, value: BigInt(size) },
            })),
          },
        },
      },
    },
  };
}
