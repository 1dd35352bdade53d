import { predictExample } from '../../domain/serving/check-example.ts';
import { ServedModel } from '../../domain/serving/served-model.ts';
import { toSignatureJson } from '../../domain/shared/signature.ts';
import { selectRows, type Table } from '../../domain/shared/table.ts';
import {
  describeBaseline,
  describeExample,
  describeInputs,
} from '../../domain/training/describe-candidate.ts';
import { ExportMismatchError } from '../../domain/training/errors.ts';
import { type GbdtModel, predict } from '../../domain/training/gbdt/model.ts';
import { createOrtSession } from '../serving/ort-session.ts';
import { scoreTable } from './score-table.ts';
import { writeTreeEnsemble } from './write-tree-ensemble.ts';

export interface ExportedModel {
  /** `model.onnx`, `signature.json`, `example.json`, `profile.json`. */
  readonly files: Readonly<Record<string, Uint8Array>>;
  readonly rowsCompared: number;
  readonly maxDifference: number;
}

/** Every leaf that matters is met by then; a whole hold-out of millions would only take longer. */
const MOST_COMPARED = 20_000;

/** Both add float32 leaves, in different orders and widths: sums of 300 trees differ by about 1e-6. */
const TOLERANCE = 1e-4;

/**
 * A trained model as the files of a version.
 *
 * @throws ExportMismatchError when onnxruntime answers otherwise than the trainer
 */
export async function exportModel(model: GbdtModel, fitted: Table, holdOut: Table): Promise<ExportedModel> {
  const onnx = writeTreeEnsemble(model);
  const signature = describeInputs(model);
  const served = new ServedModel(signature, await createOrtSession(onnx));
  const scores = predict(model, holdOut);
  const compared = firstRows(holdOut, MOST_COMPARED);
  const answers = await scoreTable(served, compared, model.objective);
  const maxDifference = findLargestDifference(answers, scores);
  if (!(maxDifference <= TOLERANCE)) {
    throw new ExportMismatchError(
      `onnxruntime answers otherwise than the trainer, by up to ${maxDifference} on ${compared.rows} rows.`,
    );
  }
  const { inputs } = describeExample(model, holdOut);
  const outputs = await predictExample(served, { inputs });
  const { outputs: _, ...inputSignature } = toSignatureJson(signature);
  return {
    files: {
      'model.onnx': onnx,
      'signature.json': toJson(inputSignature),
      'example.json': toJson({ inputs, outputs, tolerance: TOLERANCE }),
      'profile.json': toJson(describeBaseline(model, fitted, scores)),
    },
    rowsCompared: compared.rows,
    maxDifference,
  };
}

function firstRows(table: Table, most: number): Table {
  if (table.rows <= most) return table;
  return selectRows(
    table,
    Uint32Array.from({ length: most }, (_, row) => row),
  );
}

/** Absolute up to 1, relative above; NaN when an answer is none. */
function findLargestDifference(answers: Float64Array, expected: Float64Array): number {
  let largest = 0;
  for (let row = 0; row < answers.length; row++) {
    const difference = Math.abs(answers[row]! - expected[row]!) / Math.max(1, Math.abs(expected[row]!));
    if (!(difference <= largest)) largest = difference;
  }
  return largest;
}

function toJson(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}
