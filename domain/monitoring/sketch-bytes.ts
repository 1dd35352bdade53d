import type { Profile } from '../shared/profile/profile.ts';
import { ByteReader, ByteWriter } from './byte-stream.ts';
import {
  type CategoricalSketch,
  type ColumnSketch,
  createSketch,
  type NumericSketch,
  type Sketch,
} from './sketch.ts';

/** First byte of the form; readers refuse what they do not know. */
const FORMAT = 1;

/** A sketch as bytes: about 150 a numeric column. It can be read only beside its profile. */
export function toSketchBytes(sketch: Sketch): Uint8Array {
  const writer = new ByteWriter();
  writer.count(FORMAT);
  writer.count(sketch.rows);
  for (const column of columnsOf(sketch)) writeColumn(writer, column);
  writer.count(sketch.pairSums.length);
  for (const sum of sketch.pairSums) writer.double(sum);
  return writer.finish();
}

/** Reads a sketch of this profile; throws `TypeError` when the bytes are of another profile or format. */
export function fromSketchBytes(profile: Profile, bytes: Uint8Array): Sketch {
  const reader = new ByteReader(bytes);
  if (reader.count() !== FORMAT) throw new TypeError('The sketch has an unknown format.');
  const sketch = createSketch(profile);
  sketch.rows = reader.count();
  for (const column of columnsOf(sketch)) readColumn(reader, column);
  checkLength(reader, sketch.pairSums.length);
  for (let i = 0; i < sketch.pairSums.length; i++) sketch.pairSums[i] = reader.double();
  return sketch;
}

function columnsOf(sketch: Sketch): ColumnSketch[] {
  return [...sketch.columns, sketch.prediction, sketch.score].filter((column) => column !== null);
}

function writeColumn(writer: ByteWriter, column: ColumnSketch): void {
  writer.count(column.counts.length);
  for (const count of column.counts) writer.count(count);
  writer.count(column.missing);
  writer.count(column.wrongType);
  if (column.kind === 'numeric') writeNumeric(writer, column);
  else writeCategorical(writer, column);
}

function readColumn(reader: ByteReader, column: ColumnSketch): void {
  checkLength(reader, column.counts.length);
  for (let i = 0; i < column.counts.length; i++) column.counts[i] = reader.count();
  column.missing = reader.count();
  column.wrongType = reader.count();
  if (column.kind === 'numeric') readNumeric(reader, column);
  else readCategorical(reader, column);
}

function writeNumeric(writer: ByteWriter, column: NumericSketch): void {
  writer.count(column.below);
  writer.count(column.above);
  for (const value of column.moments) writer.double(value);
}

function readNumeric(reader: ByteReader, column: NumericSketch): void {
  column.below = reader.count();
  column.above = reader.count();
  for (let i = 0; i < column.moments.length; i++) column.moments[i] = reader.double();
}

function writeCategorical(writer: ByteWriter, column: CategoricalSketch): void {
  writer.count(column.unseenOther);
  writer.count(column.unseen.size);
  for (const [value, count] of column.unseen) {
    writer.text(value);
    writer.count(count);
  }
}

function readCategorical(reader: ByteReader, column: CategoricalSketch): void {
  column.unseenOther = reader.count();
  const named = reader.count();
  for (let i = 0; i < named; i++) column.unseen.set(reader.text(), reader.count());
}

function checkLength(reader: ByteReader, expected: number): void {
  if (reader.count() !== expected) throw new TypeError('The sketch was made on another profile.');
}
