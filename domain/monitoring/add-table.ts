import type { CategoryColumn, Column, Table } from '../shared/table.ts';
import { addNumber, addPairs, addUnseen } from './add-rows.ts';
import { BLOCK_ROWS, type CategoricalSketch, type ColumnSketch, type Sketch } from './sketch.ts';

/** Counts a row of one column; returns its bin, -1 when it has none. */
type CountCell = (row: number) => number;

/** Where predictions and scores stand in the table, when the profile has them. */
export interface OutputColumns {
  readonly prediction?: string;
  readonly score?: string;
}

/** Counts a table's columns by the profile's names; a column that is absent is missing in every row. */
export function addTable(sketch: Sketch, table: Table, outputs: OutputColumns = {}): void {
  const { profile, blockScores } = sketch;
  const cells = sketch.columns.map((column, i) =>
    countCells(column, table.columns[profile.columns[i]!.name], table.rows),
  );
  for (let from = 0; from < table.rows; from += BLOCK_ROWS) {
    const length = Math.min(BLOCK_ROWS, table.rows - from);
    cells.forEach((cell, i) => {
      const scores = profile.joint?.scores[i];
      for (let row = 0; row < length; row++) {
        const bin = cell(from + row);
        blockScores[i * BLOCK_ROWS + row] = bin >= 0 ? (scores?.[bin] ?? 0) : 0;
      }
    });
    addPairs(sketch, length);
  }
  addOutput(sketch.prediction, table, outputs.prediction);
  addOutput(sketch.score, table, outputs.score);
  sketch.rows += table.rows;
}

function addOutput(sketch: ColumnSketch | null, table: Table, name: string | undefined): void {
  if (sketch === null || name === undefined) return;
  const cell = countCells(sketch, table.columns[name], table.rows);
  for (let row = 0; row < table.rows; row++) cell(row);
}

function countCells(sketch: ColumnSketch, column: Column | undefined, rows: number): CountCell {
  if (column === undefined) {
    sketch.missing += rows;
    return () => -1;
  }
  if (sketch.kind === 'numeric' && column.kind === 'numeric') {
    const { values } = column;
    return (row) => addNumber(sketch, values[row]!);
  }
  if (sketch.kind === 'categorical' && column.kind === 'category') return countCategories(sketch, column);
  return countWrongTypes(sketch, column);
}

function countCategories(sketch: CategoricalSketch, column: CategoryColumn): CountCell {
  const { codes, dictionary } = column;
  const positions = Int32Array.from(dictionary, (value) => sketch.positions.get(value) ?? -1);
  return (row) => {
    const code = codes[row]!;
    if (code < 0) {
      sketch.missing += 1;
      return -1;
    }
    const position = positions[code]!;
    if (position < 0) addUnseen(sketch, dictionary[code]!, 1);
    else sketch.counts[position]! += 1;
    return position;
  };
}

function countWrongTypes(sketch: ColumnSketch, column: Column): CountCell {
  return (row) => {
    const missing = column.kind === 'category' ? column.codes[row]! < 0 : Number.isNaN(column.values[row]!);
    if (missing) sketch.missing += 1;
    else sketch.wrongType += 1;
    return -1;
  };
}
