/** How MLflow's messages show a value: Python's `repr`, for what JSON and filters can hold. */
export function toPythonText(value: unknown): string {
  if (typeof value === 'string') return quote(value);
  if (value === null || value === undefined) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (Array.isArray(value)) return `[${value.map(toPythonText).join(', ')}]`;
  if (typeof value === 'object') {
    const entries = Object.entries(value).map(([key, field]) => `${quote(key)}: ${toPythonText(field)}`);
    return `{${entries.join(', ')}}`;
  }
  return String(value);
}

/** A float as Python shows it: `1000.0` for `1e3`. */
export function toPythonFloat(value: number): string {
  return Number.isInteger(value) ? `${value}.0` : String(value);
}

/** Python's `repr` of bytes. */
export function toPythonBytes(bytes: Uint8Array): string {
  const text = Array.from(bytes, (byte) =>
    byte < 0x20 || byte > 0x7e ? escapeControl(byte) : String.fromCharCode(byte),
  );
  const hasOnlySingle = text.includes("'") && !text.includes('"');
  const escaped = text.map((char) =>
    char === '\\' || (char === "'" && !hasOnlySingle) ? `\\${char}` : char,
  );
  return hasOnlySingle ? `b"${escaped.join('')}"` : `b'${escaped.join('')}'`;
}

/** A set as Python shows it; the order there is random, here it is the given one. */
export function toPythonSet(values: Iterable<string>): string {
  return `{${[...values].map(quote).join(', ')}}`;
}

function quote(text: string): string {
  const mark = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text
    .replaceAll('\\', '\\\\')
    .replaceAll(mark, `\\${mark}`)
    .replace(/[\p{Cc}]/gu, (char) => escapeControl(char.codePointAt(0) as number));
  return mark + escaped + mark;
}

function escapeControl(code: number): string {
  const short: Readonly<Record<number, string>> = { 9: '\\t', 10: '\\n', 13: '\\r' };
  return short[code] ?? `\\x${code.toString(16).padStart(2, '0')}`;
}
