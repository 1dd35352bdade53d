import type { ColumnType } from '../shared/signature.ts';
import type { ColumnBinding } from './binding.ts';
import { refuse } from './problems.ts';

/** A CSV body as MLflow's `dataframe_split`; values are numbers where the signature has numbers. */
export function readCsv(
  text: string,
  binding: ColumnBinding,
): { dataframe_split: { columns: string[]; data: unknown[][] } } {
  const [columns, ...lines] = splitCsv(text);
  if (columns === undefined) refuse('', 'The CSV body must have a header line');
  const types = columns.map((name) => binding.columns[binding.indexOf.get(name) ?? -1]?.type);
  const data = lines.map((cells) => cells.map((cell, index) => toValue(cell, types[index])));
  return { dataframe_split: { columns, data } };
}

/** RFC 4180: fields may be quoted, quotes inside are doubled, lines end in LF or CRLF. */
function splitCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let at = 0;
  while (at < text.length) {
    const [cell, end] = text[at] === '"' ? readQuoted(text, at + 1) : readPlain(text, at);
    row.push(cell);
    at = end;
    if (text[at] === ',') {
      at += 1;
      if (at === text.length) row.push('');
      continue;
    }
    if (text[at] === '\r') at += 1;
    if (at < text.length && text[at] !== '\n') refuse('', `The CSV body is malformed at character ${at}`);
    at += 1;
    rows.push(row);
    row = [];
  }
  if (row.length > 0) rows.push(row);
  return rows;
}

function readQuoted(text: string, start: number): [cell: string, end: number] {
  let cell = '';
  let from = start;
  for (;;) {
    const quote = text.indexOf('"', from);
    if (quote === -1) refuse('', 'The CSV body ends inside a quoted field');
    cell += text.slice(from, quote);
    if (text[quote + 1] !== '"') return [cell, quote + 1];
    cell += '"';
    from = quote + 2;
  }
}

function readPlain(text: string, start: number): [cell: string, end: number] {
  let end = start;
  while (end < text.length && text[end] !== ',' && text[end] !== '\n' && text[end] !== '\r') end += 1;
  return [text.slice(start, end), end];
}

/** An empty field is a missing value, as pandas reads it; what is no number stays text and is refused later. */
function toValue(cell: string, type: ColumnType | undefined): unknown {
  if (cell === '') return null;
  if (type === 'boolean') return { true: true, false: false }[cell.toLowerCase()] ?? cell;
  if (type === undefined || type === 'string' || type === 'datetime' || type === 'binary') return cell;
  if (/^[+-]?\d{16,}$/.test(cell) && type === 'long') return BigInt(cell.replace('+', ''));
  return /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(cell) ? Number(cell) : cell;
}
