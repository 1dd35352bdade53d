const POWERS = Float64Array.from({ length: 16 }, (_, k) => 10 ** k);
const INT32_MAX = 2147483647;
const [ZERO, MINUS, POINT, COMMA] = [48, 45, 46, 44];
/** The longest number that is written without asking for room again. */
const NUMBER_BYTES = 32;

/** How NaN and infinities are written: as JSON's null, or as the tokens that Python's parser reads. */
export type NonFinite = 'null' | 'token';

/**
 * Writes JSON as bytes into a buffer that grows and is kept. Numbers take about 45 ns each where
 * `JSON.stringify` takes 100, which is most of what an answer or a capture line of a thousand rows costs.
 */
export class JsonWriter {
  private bytes: Buffer;
  private at = 0;
  private nonFinite: NonFinite = 'null';

  constructor(initialBytes = 16_384) {
    this.bytes = Buffer.allocUnsafe(initialBytes);
  }

  get length(): number {
    return this.at;
  }

  /** Forgets what was written and starts again. */
  reset(nonFinite: NonFinite = 'null'): void {
    this.at = 0;
    this.nonFinite = nonFinite;
  }

  /** What was written since the last reset. */
  toString(): string {
    return this.bytes.toString('latin1', 0, this.at);
  }

  /** Text that is JSON already, in ASCII. */
  raw(text: string): void {
    this.reserve(text.length);
    if (text.length > 40) {
      this.at += this.bytes.write(text, this.at, 'latin1');
      return;
    }
    for (let i = 0; i < text.length; i++) this.bytes[this.at++] = text.charCodeAt(i);
  }

  comma(): void {
    this.reserve(1);
    this.bytes[this.at++] = COMMA;
  }

  /** A string of anybody's, quoted and escaped. */
  string(text: string): void {
    this.raw(toAsciiJson(text));
  }

  /** A 32-bit float as the shortest of 7 or 9 digits that gives it back. */
  float32(value: number): void {
    this.reserve(NUMBER_BYTES);
    const size = value < 0 ? -value : value;
    if (size <= INT32_MAX && size === (size | 0)) this.integer(value);
    // Outside this range the digits would not fit an integer of 32 bits, or an exponent is shorter.
    else if (!(size >= 1e-5 && size < 1e6)) this.number(toShortFloat32(value));
    else this.shortFloat32(value, size);
  }

  private shortFloat32(value: number, size: number): void {
    const whole = wholeDigits(size);
    let decimals = 7 - whole;
    let digits = Math.round(size * POWERS[decimals]!);
    if (Math.fround(digits / POWERS[decimals]!) !== size) {
      decimals = 9 - whole;
      digits = Math.round(size * POWERS[decimals]!);
    }
    if (value < 0) this.bytes[this.at++] = MINUS;
    this.decimal(digits, decimals);
  }

  /** A 64-bit float, exactly. */
  float64(value: number): void {
    this.reserve(NUMBER_BYTES);
    const size = value < 0 ? -value : value;
    // Most numbers of tables have few decimals; the quotient is the double that such a decimal stands for.
    const digits = Math.round(size * 1e6);
    if (size <= INT32_MAX && size === (size | 0)) this.integer(value);
    else if (!(digits <= INT32_MAX) || digits / 1e6 !== size) this.number(value);
    else {
      if (value < 0) this.bytes[this.at++] = MINUS;
      this.decimal(digits, 6);
    }
  }

  /** An integer that a double holds exactly. */
  integer(value: number): void {
    this.reserve(NUMBER_BYTES);
    if (value > INT32_MAX || value < -INT32_MAX) {
      this.number(value);
      return;
    }
    if (value < 0) this.bytes[this.at++] = MINUS;
    this.digits(value < 0 ? -value : value);
  }

  private number(value: number): void {
    this.raw(Number.isFinite(value) || this.nonFinite === 'token' ? `${value}` : 'null');
  }

  /** `digits` × 10^−`decimals`, without trailing zeros. */
  private decimal(digits: number, decimals: number): void {
    let rest = digits | 0;
    let places = decimals;
    for (let shorter = (rest / 10) | 0; places > 0 && shorter * 10 === rest; shorter = (rest / 10) | 0) {
      rest = shorter;
      places -= 1;
    }
    const whole = (rest / POWERS[places]!) | 0;
    this.digits(whole);
    if (places === 0) return;
    this.bytes[this.at++] = POINT;
    this.fill(rest - whole * POWERS[places]!, places);
  }

  private digits(value: number): void {
    let count = 1;
    while (count < 10 && value >= POWERS[count]!) count += 1;
    this.fill(value, count);
  }

  /** The last `count` digits of an integer, leading zeros included. */
  private fill(value: number, count: number): void {
    const { bytes } = this;
    let rest = value | 0;
    for (let i = this.at + count - 1; i >= this.at; i--) {
      const quotient = (rest / 10) | 0;
      bytes[i] = ZERO + rest - quotient * 10;
      rest = quotient;
    }
    this.at += count;
  }

  private reserve(bytes: number): void {
    if (this.at + bytes <= this.bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.bytes.length * 2, this.at + bytes));
    this.bytes.copy(larger, 0, 0, this.at);
    this.bytes = larger;
  }
}

/** JSON of a string with everything beyond ASCII escaped, so that bytes and characters are the same. */
export function toAsciiJson(text: string): string {
  return JSON.stringify(text).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Digits before the point, or minus the zeros after it, for 0.00001 ≤ size < 1,000,000. */
function wholeDigits(size: number): number {
  if (size < 0.01) return size >= 1e-3 ? -2 : size >= 1e-4 ? -3 : -4;
  if (size < 1) return size >= 0.1 ? 0 : -1;
  if (size < 1000) return size < 10 ? 1 : size < 100 ? 2 : 3;
  return size < 10_000 ? 4 : size < 100_000 ? 5 : 6;
}

/** The same shortening for sizes whose digits do not fit 32 bits; integers stay as they are. */
function toShortFloat32(value: number): number {
  if (Number.isInteger(value)) return value;
  const short = Number(value.toPrecision(7));
  return Math.fround(short) === value ? short : Number(value.toPrecision(9));
}
