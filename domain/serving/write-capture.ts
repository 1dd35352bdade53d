import type { Batch } from './batch.ts';
import type { Binding } from './binding.ts';
import { CAPTURE_LINE_START } from './capture-line.ts';
import type { CaptureSettings } from './capture-settings.ts';
import { type JsonWriter, toAsciiJson } from './json-writer.ts';
import { elementsPerRow, type OutputPlan, writeElement, writeElements, writeRow } from './outputs.ts';
import type { NamedTensors, Tensor } from './tensor.ts';

/** Rows stop here; with predictions a line stays below the 256 KB that a log event could have for years. */
const MAX_ROW_BYTES = 180_000;
/** Tensors of more elements a row (images, embeddings) are no features to watch one by one. */
const MAX_TENSOR_FEATURES = 256;

/** What is the same in all lines of an execution environment. */
export interface CaptureSource {
  readonly tenant: string;
  readonly endpoint: string;
  readonly version: number;
  readonly environment: string;
}

/** What one request adds. */
export interface CapturedRequest {
  readonly timeMs: number;
  readonly id: string;
  readonly inferenceId: string | undefined;
  readonly status: number;
  readonly durationMs: number;
  readonly cold: boolean;
  readonly error: string | undefined;
  readonly batch: Batch | undefined;
  readonly outputs: NamedTensors | undefined;
}

/** Turns a value into what may leave the environment; made from the tenant's key. */
export type HashValue = (value: string) => string;

type CellWriter = (writer: JsonWriter, row: number) => void;
type Treatment = 'keep' | 'drop' | HashValue;

/** Writes capture lines and counts them; one for each execution environment. */
export class CaptureWriter {
  private sequence = 0;
  private readonly start: string;
  private readonly treatments: readonly Treatment[];
  /** Rows are those of the matrix as they are, and need no writer a cell. */
  private readonly isPlain: boolean;
  private readonly writer: JsonWriter;
  private readonly binding: Binding;
  private readonly plan: OutputPlan;

  constructor(
    source: CaptureSource,
    settings: CaptureSettings,
    binding: Binding,
    plan: OutputPlan,
    writer: JsonWriter,
    hash: HashValue,
  ) {
    const key = toAsciiJson(`${source.tenant}/${source.endpoint}`);
    this.start = `${CAPTURE_LINE_START}"k":${key},"v":${source.version},"e":${toAsciiJson(source.environment)},"n":`;
    const fields = binding.kind === 'columns' ? binding.columns : binding.tensors;
    this.treatments = fields.map(({ name }) =>
      settings.drop.includes(name) ? 'drop' : settings.hash.includes(name) ? hash : 'keep',
    );
    const isMatrix = binding.kind === 'columns' && binding.isFloatMatrix;
    this.isPlain = isMatrix && this.treatments.every((treatment) => treatment === 'keep');
    this.binding = binding;
    this.plan = plan;
    this.writer = writer;
  }

  /** The lines of a request, each ended by a newline; `emit` takes them one by one. */
  write(request: CapturedRequest, emit: (line: string) => void): void {
    const rows = request.batch?.rows ?? 0;
    let from = 0;
    do {
      const to = this.writeLine(request, from, rows);
      emit(this.writer.toString());
      from = to;
    } while (from < rows);
  }

  /** Writes rows from `from` until the line is full, and returns where the next line goes on. */
  private writeLine(request: CapturedRequest, from: number, rows: number): number {
    const { writer } = this;
    writer.reset();
    this.writeHead(request);
    const to = this.writeFeatures(request.batch, from, rows);
    this.writePredictions(request, from, to, rows);
    if (to - from < rows) {
      writer.raw(`,"o":${from},"m":${rows}`);
    }
    if (request.error !== undefined) {
      writer.raw(',"err":');
      writer.string(request.error);
    }
    writer.raw('}\n');
    return to;
  }

  private writeHead(request: CapturedRequest): void {
    const { writer } = this;
    writer.raw(this.start);
    writer.integer(this.sequence++);
    writer.raw(',"t":');
    writer.raw(`${request.timeMs}`);
    writer.raw(',"id":"');
    writer.raw(request.id);
    writer.raw('"');
    if (request.inferenceId !== undefined) {
      writer.raw(',"x":');
      writer.string(request.inferenceId);
    }
    if (request.status !== 200) writer.raw(`,"s":${request.status}`);
    writer.raw(',"ms":');
    writer.float64(Math.round(request.durationMs * 100) / 100);
    if (request.cold) writer.raw(',"c":1');
  }

  private writeFeatures(batch: Batch | undefined, from: number, rows: number): number {
    const { writer } = this;
    const limit = writer.length + MAX_ROW_BYTES;
    const writeCells = this.makeRowWriter(batch);
    writer.raw(',"f":[');
    let row = from;
    for (; row < rows && (row === from || writer.length < limit); row++) {
      writer.raw(row === from ? '[' : ',[');
      writeCells(row);
      writer.raw(']');
    }
    writer.raw(']');
    return row;
  }

  private makeRowWriter(batch: Batch | undefined): (row: number) => void {
    const { writer, binding } = this;
    if (batch === undefined) return () => {};
    if (this.isPlain && binding.kind === 'columns') {
      const { name, width } = binding.inputs[0]!;
      const matrix = batch.feeds[name]!;
      return (row) => writeElements(writer, matrix, row * width, (row + 1) * width);
    }
    const cells = this.makeCells(batch);
    return (row) => {
      for (let k = 0; k < cells.length; k++) {
        if (k > 0) writer.comma();
        cells[k]!(writer, row);
      }
    };
  }

  private makeCells(batch: Batch): CellWriter[] {
    const { binding, treatments } = this;
    if (binding.kind === 'columns') {
      return binding.columns.map(({ input, offset, type }, column) => {
        const { name, width } = binding.inputs[input]!;
        return makeCell(batch.feeds[name]!, width, offset, type === 'boolean', treatments[column]!);
      });
    }
    return binding.tensors.flatMap(({ input }, index) => {
      const tensor = batch.feeds[input]!;
      const width = elementsPerRow(tensor, batch.rows);
      if (width > MAX_TENSOR_FEATURES) return [];
      return Array.from({ length: width }, (_, k) => makeCell(tensor, width, k, false, treatments[index]!));
    });
  }

  private writePredictions({ outputs }: CapturedRequest, from: number, to: number, rows: number): void {
    const { writer, plan } = this;
    const prediction = outputs?.[plan.label ?? plan.names[0] ?? ''];
    writer.raw(',"y":[');
    if (prediction !== undefined) {
      const width = elementsPerRow(prediction, rows);
      for (let row = from; row < to; row++) {
        if (row > from) writer.comma();
        writeRow(writer, prediction, row, width);
      }
    }
    writer.raw(']');
    const scores = plan.scores === undefined ? undefined : outputs?.[plan.scores];
    if (scores !== undefined) this.writeScores(scores, from, to, elementsPerRow(scores, rows));
  }

  private writeScores(scores: Tensor, from: number, to: number, width: number): void {
    const { writer } = this;
    writer.raw(',"q":[');
    for (let row = from; row < to; row++) {
      if (row > from) writer.comma();
      writeElement(writer, scores, row * width + scorePosition(scores, row, width));
    }
    writer.raw(']');
  }
}

/** The positive class of two is the second; of many, the likeliest. */
function scorePosition(scores: Tensor, row: number, width: number): number {
  if (width <= 2) return width - 1;
  let best = 0;
  for (let k = 1; k < width; k++)
    if (scores.data[row * width + k]! > scores.data[row * width + best]!) best = k;
  return best;
}

function makeCell(
  tensor: Tensor,
  width: number,
  offset: number,
  boolean: boolean,
  treatment: Treatment,
): CellWriter {
  if (treatment === 'drop') return (writer) => writer.raw('null');
  if (treatment !== 'keep') {
    return (writer, row) => writer.string(treatment(`${tensor.data[row * width + offset]}`));
  }
  if (boolean) return (writer, row) => writer.raw(toBooleanText(tensor.data[row * width + offset]!));
  return (writer, row) => writeElement(writer, tensor, row * width + offset);
}

function toBooleanText(value: number | bigint | string): string {
  return Number.isNaN(value) ? 'null' : value ? 'true' : 'false';
}
