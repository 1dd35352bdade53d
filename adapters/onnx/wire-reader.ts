import type { NumberBuffer } from './number-buffer.ts';

const [VARINT, FIXED64, BYTES, FIXED32] = [0, 1, 2, 5];
/** Names of modes repeat ten thousand times: that many of the last ones are remembered. */
const REMEMBERED = 8;
const LONGEST_REMEMBERED = 16;
const MAX_VARINT_BYTES = 10;

/** Reads a message of protocol buffers field by field; throws RangeError beyond its end. */
export class WireReader {
  /** Number of the field that `next` came to. */
  field = 0;
  private tag = 0;
  private wire = VARINT;
  private at: number;
  private readonly end: number;
  private readonly bytes: Uint8Array;
  private readonly view: DataView;
  private isRead = true;
  private textStart = 0;
  private readonly remembered: { readonly text: string; readonly start: number }[] = [];

  constructor(bytes: Uint8Array, start = 0, end = bytes.length) {
    if (end > bytes.length || start > end) throw new RangeError('The message ends beyond its bytes.');
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = start;
    this.end = end;
  }

  /** Goes to the next field, past one that nobody read; false at the end. */
  next(): boolean {
    if (!this.isRead) this.skip();
    if (this.at >= this.end) return false;
    this.tag = this.readVarint();
    this.field = Math.floor(this.tag / 8);
    this.wire = this.tag % 8;
    this.isRead = false;
    return true;
  }

  varint(): number {
    this.expect(VARINT);
    return this.readVarint();
  }

  /** A packed list of numbers, or one number and all that follow under the same tag. */
  varints(into: NumberBuffer): void {
    const isPacked = this.wire === BYTES;
    if (!isPacked) this.expect(VARINT);
    const end = isPacked ? this.startBytes() : this.end;
    const { bytes, tag } = this;
    let { values, count } = into;
    let at = this.at;
    // Cold code pays for every call, and here are a hundred thousand numbers: no call but for long ones.
    while (at < end) {
      let byte = bytes[at]!;
      let value = byte & 0x7f;
      let size = 1;
      while (byte >= 0x80 && size < 4) {
        byte = bytes[at + size]!;
        value |= (byte & 0x7f) << (7 * size);
        size += 1;
      }
      if (byte >= 0x80) {
        this.at = at;
        value = this.readVarint();
        at = this.at;
      } else at += size;
      if (count === values.length) values = into.grow();
      values[count++] = value;
      if (isPacked) continue;
      if (at >= end || bytes[at] !== tag) break;
      at += 1;
    }
    if (at > end) throw new RangeError('A list ends inside a number.');
    this.at = at;
    into.count = count;
  }

  float(): number {
    this.expect(FIXED32);
    return this.readFloat();
  }

  floats(into: NumberBuffer): void {
    const isPacked = this.wire === BYTES;
    if (!isPacked) this.expect(FIXED32);
    const end = isPacked ? this.startBytes() : this.end;
    const { bytes, view, tag } = this;
    let { values, count } = into;
    let at = this.at;
    while (at < end) {
      if (count === values.length) values = into.grow();
      values[count++] = view.getFloat32(at, true);
      at += 4;
      if (isPacked) continue;
      if (at >= end || bytes[at] !== tag) break;
      at += 1;
    }
    if (at > end) throw new RangeError('A list ends inside a number.');
    this.at = at;
    into.count = count;
  }

  /** One text and all that follow under the same tag. */
  texts(into: string[]): void {
    const { bytes, tag, end } = this;
    for (;;) {
      const text = this.text();
      const start = this.textStart;
      const size = this.at - start;
      let at = this.at;
      let count = 1;
      // Runs of the same text, such as LEAF, are counted without a call for each.
      while (size < 0x80 && at + 2 + size <= end && bytes[at] === tag && bytes[at + 1] === size) {
        let k = 0;
        while (k < size && bytes[start + k] === bytes[at + 2 + k]) k += 1;
        if (k < size) break;
        at += 2 + k;
        count += 1;
      }
      for (; count > 0; count--) into.push(text);
      this.at = at;
      if (at >= end || bytes[at] !== tag) return;
      this.at += 1;
      this.isRead = false;
    }
  }

  message(): WireReader {
    const end = this.startBytes();
    const inner = new WireReader(this.bytes, this.at, end);
    this.at = end;
    return inner;
  }

  text(): string {
    const end = this.startBytes();
    const start = this.at;
    this.textStart = start;
    this.at = end;
    for (const known of this.remembered) if (this.isSame(known, start, end)) return known.text;
    const text = new TextDecoder().decode(this.bytes.subarray(start, end));
    if (text.length === end - start && text.length <= LONGEST_REMEMBERED) {
      this.remembered.unshift({ text, start });
      this.remembered.length = Math.min(this.remembered.length, REMEMBERED);
    }
    return text;
  }

  private isSame(
    { text, start: from }: { text: string; start: number },
    start: number,
    end: number,
  ): boolean {
    if (text.length !== end - start) return false;
    for (let i = 0; i < text.length; i++) if (this.bytes[from + i] !== this.bytes[start + i]) return false;
    return true;
  }

  private skip(): void {
    if (this.wire === VARINT) this.varint();
    else if (this.wire === BYTES) this.at = this.startBytes();
    else if (this.wire === FIXED32) this.at += 4;
    else if (this.wire === FIXED64) this.at += 8;
    else throw new RangeError(`There is no wire type ${this.wire}.`);
    this.isRead = true;
  }

  private expect(wire: number): void {
    if (this.wire !== wire) throw new RangeError(`Field ${this.field} has the wire type ${this.wire}.`);
    this.isRead = true;
  }

  /** Comes to the first byte of a field of bytes; answers where it ends. */
  private startBytes(): number {
    this.expect(BYTES);
    const length = this.readVarint();
    const end = this.at + length;
    if (!(length >= 0 && end <= this.end)) throw new RangeError('A field ends beyond its message.');
    return end;
  }

  private readFloat(): number {
    this.at += 4;
    return this.view.getFloat32(this.at - 4, true);
  }

  private readVarint(): number {
    const first = this.bytes[this.at++];
    if (first === undefined) throw new RangeError('The message ends inside a number.');
    return first < 0x80 ? first : this.readLong(first & 0x7f);
  }

  private readLong(first: number): number {
    let value = first;
    let scale = 128;
    for (let count = 2; ; count++) {
      const byte = this.bytes[this.at++];
      if (byte === undefined || count > MAX_VARINT_BYTES) {
        throw new RangeError('The message ends inside a number.');
      }
      if (count === MAX_VARINT_BYTES) return this.readNegative();
      value += (byte & 0x7f) * scale;
      scale *= 128;
      if (byte < 0x80) return value;
    }
  }

  /** Negative numbers are written as 64 bits, of which a double holds no more than 53. */
  private readNegative(): number {
    let value = 0n;
    for (let k = 1; k <= MAX_VARINT_BYTES; k++) {
      value = (value << 7n) | BigInt(this.bytes[this.at - k]! & 0x7f);
    }
    return Number(BigInt.asIntN(64, value));
  }
}
