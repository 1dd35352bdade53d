/** A field of a protobuf message as it lies in the bytes. */
export interface WireField {
  readonly number: number;
  /** Where the field begins, with its tag. */
  readonly start: number;
  /** Where its content begins, behind tag and length. */
  readonly content: number;
  readonly end: number;
  readonly isBytes: boolean;
}

/** The bytes are cut short or no protobuf. */
export class WireFormatError extends Error {}

/** Fields of the message between two positions, without looking into them: a large tensor is one step. */
export function* readFields(bytes: Uint8Array, from = 0, to = bytes.length): Generator<WireField> {
  for (let start = from; start < to; ) {
    const [tag, afterTag] = readVarint(bytes, start, to);
    const wire = tag % 8;
    const [length, content] = wire === 2 ? readVarint(bytes, afterTag, to) : [0, afterTag];
    const end =
      wire === 0 ? readVarint(bytes, afterTag, to)[1] : content + (wire === 2 ? length : fixedSize(wire));
    if (end > to) throw new WireFormatError();
    yield { number: Math.floor(tag / 8), start, content, end, isBytes: wire === 2 };
    start = end;
  }
}

/** The value of a varint field. */
export function readNumber(bytes: Uint8Array, field: WireField): number {
  return readVarint(bytes, field.content, field.end)[0];
}

/** The first field of a number within a message, as text. */
export function readText(bytes: Uint8Array, of: WireField, number: number): string | undefined {
  for (const field of readFields(bytes, of.content, of.end)) {
    if (field.number !== number || !field.isBytes) continue;
    return Buffer.from(bytes.buffer, bytes.byteOffset + field.content, field.end - field.content).toString();
  }
  return undefined;
}

/** A length-delimited field in bytes. */
export function writeBytes(number: number, parts: readonly Uint8Array[]): Uint8Array[] {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return [Uint8Array.from([...writeVarint(number * 8 + 2), ...writeVarint(length)]), ...parts];
}

export function writeText(number: number, text: string): Uint8Array {
  return Buffer.concat(writeBytes(number, [Buffer.from(text)]));
}

export function writeNumber(number: number, value: number): Uint8Array {
  return Uint8Array.from([...writeVarint(number * 8), ...writeVarint(value)]);
}

function fixedSize(wire: number): number {
  if (wire === 1) return 8;
  if (wire === 5) return 4;
  throw new WireFormatError();
}

/** Lengths go beyond 31 bits, so this multiplies where others shift. */
function readVarint(bytes: Uint8Array, start: number, to: number): [value: number, end: number] {
  let value = 0;
  for (let at = start, factor = 1; at < to && at < start + 10; at++, factor *= 128) {
    const byte = bytes[at] as number;
    value += (byte & 127) * factor;
    if (byte < 128) return [value, at + 1];
  }
  throw new WireFormatError();
}

function writeVarint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return [...bytes, rest];
}
