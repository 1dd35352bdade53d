import { refuse } from './problems.ts';
import { allocateTensorData, type Tensor, type TensorData, type TensorType } from './tensor.ts';

/** BYTES elements carry their length in four bytes before them. */
const LENGTH_BYTES = 4;

/** The parts of a request behind its JSON, which tensors take one after the other. */
export class BinaryParts {
  private at = 0;
  private readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** The next bytes; refuses more than there are. */
  take(size: number, path: string): Uint8Array {
    const left = this.bytes.length - this.at;
    if (size > left) refuse(path, `must be at most the ${left} bytes that are left, and is ${size}`);
    this.at += size;
    return this.bytes.subarray(this.at - size, this.at);
  }

  /** Refuses bytes that no tensor took: sizes and data do not belong together then. */
  finish(): void {
    const left = this.bytes.length - this.at;
    if (left > 0) refuse('inputs', `leave ${left} bytes of the binary part over`);
  }
}

/**
 * The elements of a tensor in Open Inference's binary form: little-endian, row after row.
 *
 * @param datatype Open Inference's name; FP16 comes out as 32-bit floats
 * @param count elements that the shape has
 */
export function decodeElements(
  bytes: Uint8Array,
  datatype: string,
  type: TensorType,
  count: number,
  path: string,
): ArrayLike<unknown> {
  if (type === 'string') return decodeTexts(bytes, count, path);
  const isHalf = datatype === 'FP16' && type === 'float32';
  const width = isHalf ? 2 : (allocateTensorData(type, 0) as Uint8Array).BYTES_PER_ELEMENT;
  if (bytes.length !== count * width) {
    refuse(path, `must be ${count * width} for ${count} elements of ${datatype}, and is ${bytes.length}`);
  }
  const data = isHalf ? new Uint16Array(count) : (allocateTensorData(type, count) as Uint8Array);
  // A copy, since the elements seldom start where their size divides the address.
  new Uint8Array(data.buffer).set(bytes);
  if (isHalf) return Float32Array.from(data as Uint16Array, toFloat32);
  return type === 'bool' ? Array.from(data, (value) => (value > 1 ? value : value === 1)) : data;
}

function decodeTexts(bytes: Uint8Array, count: number, path: string): string[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  const texts: string[] = [];
  let at = 0;
  while (at < bytes.length) {
    const start = at + LENGTH_BYTES;
    const end = start <= bytes.length ? start + view.getUint32(at, true) : Number.POSITIVE_INFINITY;
    if (end > bytes.length) refuse(path, `ends inside element ${texts.length}`);
    try {
      texts.push(decoder.decode(bytes.subarray(start, end)));
    } catch {
      refuse(path, `has an element that is not UTF-8: number ${texts.length}`);
    }
    at = end;
  }
  if (texts.length !== count) refuse(path, `must hold ${count} elements of BYTES, and holds ${texts.length}`);
  return texts;
}

/** IEEE 754 half precision: 5 bits of exponent, 10 of fraction. */
export function toFloat32(bits: number): number {
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  const sign = bits & 0x8000 ? -1 : 1;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** A tensor in the same form. */
export function encodeElements({ type, data }: Tensor): Uint8Array {
  if (type === 'string') return encodeTexts(data as readonly string[]);
  const { buffer, byteOffset, byteLength } = data as Exclude<TensorData, string[]>;
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function encodeTexts(texts: readonly string[]): Uint8Array {
  const parts = texts.map((text) => Buffer.from(text, 'utf8'));
  const whole = Buffer.allocUnsafe(parts.reduce((sum, part) => sum + LENGTH_BYTES + part.length, 0));
  let at = 0;
  for (const part of parts) {
    at = whole.writeUInt32LE(part.length, at);
    at += part.copy(whole, at);
  }
  return whole;
}
