import { readFile } from 'node:fs/promises';
import { type Column, categoryColumn } from '../../domain/shared/table.ts';
import { UsageError } from '../errors.ts';
import type { ColumnKinds, TableFile } from './read-table-file.ts';

/** What pandas, R and SQL write where a value is missing. */
const MISSING = new Set(['', 'NA', 'N/A', 'NaN', 'nan', 'null', 'NULL', 'None', '#N/A']);
const ISO_DATE = /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?$/;

/**
 * Reads a CSV file with a header. A column is numeric when all its values are numbers, a time when all are ISO
 * dates, else categorical; `kinds` decide where they name it, and what is then no number is missing.
 */
export async function readCsvTable(path: string, kinds: ColumnKinds): Promise<TableFile> {
  const text = (await readFile(path, 'utf8')).replace(/^\uFEFF/, '');
  const [header, ...lines] = splitCsv(text, path.toLowerCase().endsWith('.tsv') ? '\t' : ',');
  if (header === undefined) throw new UsageError(`${path} is empty.`);
  const found: Record<string, 'numeric' | 'category' | 'time'> = {};
  const columns: Record<string, Column> = {};
  header.forEach((name, i) => {
    const cells = lines.map((line) => (MISSING.has(line[i] ?? '') ? null : line[i]!));
    const kind = kinds[name] ?? inferKind(cells);
    found[name] = kind;
    columns[name] = toColumn(cells, kind);
  });
  const timeColumns = Object.keys(found).filter((name) => found[name] === 'time');
  return { table: { rows: lines.length, columns }, kinds: found, timeColumns, skipped: [] };
}

function inferKind(cells: readonly (string | null)[]): 'numeric' | 'category' | 'time' {
  const present = cells.filter((cell) => cell !== null);
  if (present.every((cell) => !Number.isNaN(toNumber(cell)))) return 'numeric';
  return present.every((cell) => ISO_DATE.test(cell)) ? 'time' : 'category';
}

function toColumn(cells: readonly (string | null)[], kind: 'numeric' | 'category' | 'time'): Column {
  if (kind === 'category') return categoryColumn(cells);
  const parse = kind === 'time' ? Date.parse : toNumber;
  return {
    kind: 'numeric',
    values: Float64Array.from(cells, (cell) => (cell === null ? Number.NaN : parse(cell))),
  };
}

function toNumber(text: string): number {
  if (/^[+-]?inf(inity)?$/i.test(text.trim())) return text.trim().startsWith('-') ? -Infinity : Infinity;
  return text.trim() === '' ? Number.NaN : Number(text);
}

/** RFC 4180 rows: quoted cells may hold separators, line ends and doubled quotes. Empty lines are left out. */
function splitCsv(text: string, separator: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let position = 0;
  while (position < text.length) {
    const { cell, next } =
      text[position] === '"' ? quotedCell(text, position) : plainCell(text, position, separator);
    row.push(cell);
    position = next;
    if (text[position] === separator) {
      position++;
      if (position < text.length) continue;
      row.push('');
    }
    position = skipLineEnd(text, position);
    if (row.length > 1 || row[0] !== '') rows.push(row);
    row = [];
  }
  return rows;
}

function plainCell(text: string, from: number, separator: string): { cell: string; next: number } {
  let end = from;
  while (end < text.length && text[end] !== separator && text[end] !== '\n' && text[end] !== '\r') end++;
  return { cell: text.slice(from, end), next: end };
}

function quotedCell(text: string, from: number): { cell: string; next: number } {
  let end = text.indexOf('"', from + 1);
  while (end >= 0 && text[end + 1] === '"') end = text.indexOf('"', end + 2);
  if (end < 0) throw new UsageError('A quoted cell does not end.');
  return { cell: text.slice(from + 1, end).replaceAll('""', '"'), next: end + 1 };
}

function skipLineEnd(text: string, position: number): number {
  if (text[position] === '\r' && text[position + 1] === '\n') return position + 2;
  return text[position] === '\n' || text[position] === '\r' ? position + 1 : position;
}
