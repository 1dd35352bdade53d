/** How the CLI writes: people read tables, programs read JSON. */
export interface Output {
  readonly json: boolean;
  /** The command's result. */
  result(value: unknown): void;
  /** Progress, for people only; on stderr so that results can be piped. */
  note(text: string): void;
}

/** Longer cells would break the table on a usual terminal. */
const MAX_CELL = 60;

export function makeOutput(json: boolean): Output {
  return {
    json,
    result: (value) => {
      if (value === undefined) return;
      process.stdout.write(`${json ? JSON.stringify(value) : toText(value)}\n`);
    },
    note: (text) => {
      if (!json) process.stderr.write(`${text}\n`);
    },
  };
}

/** A list as a table, an object as lines, anything else as it is. */
export function toText(value: unknown): string {
  if (isPage(value)) {
    const more = value.nextCursor === null ? '' : `\nmore: --cursor ${value.nextCursor}`;
    return toTable(value.items) + more;
  }
  if (Array.isArray(value)) return toTable(value);
  if (typeof value !== 'object' || value === null) return String(value);
  return Object.entries(value)
    .filter(([, field]) => field !== undefined && field !== null)
    .map(([name, field]) => `${name}: ${toCell(field, Number.POSITIVE_INFINITY)}`)
    .join('\n');
}

function isPage(value: unknown): value is { items: unknown[]; nextCursor: string | null } {
  return typeof value === 'object' && value !== null && 'items' in value && 'nextCursor' in value;
}

/** Columns of the first row, without those that are objects: `--json` has them. */
function toTable(rows: readonly unknown[]): string {
  const [first] = rows;
  if (first === undefined) return '(none)';
  if (typeof first !== 'object' || first === null) return rows.map(String).join('\n');
  const columns = Object.entries(first)
    .filter(([, value]) => typeof value !== 'object' || value === null)
    .map(([name]) => name);
  const cells = rows.map((row) =>
    columns.map((name) => toCell((row as Record<string, unknown>)[name], MAX_CELL)),
  );
  const widths = columns.map((name, i) => Math.max(name.length, ...cells.map((row) => row[i]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd();
  return [line(columns.map((name) => name.toUpperCase())), ...cells.map(line)].join('\n');
}

function toCell(value: unknown, max: number): string {
  const text =
    value === null || value === undefined
      ? '-'
      : typeof value === 'object'
        ? JSON.stringify(value)
        : String(value);
  return text.length > max ? `${text.slice(0, max - 1)}…` : text;
}
