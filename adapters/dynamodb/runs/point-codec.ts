import type { MetricPoint } from '../../../domain/tracking/runs/run.ts';
import { ByteReader, ByteWriter } from './byte-writer.ts';

/** Marks a value that is written as its eight bytes; other marks are the digits behind the point. */
const RAW = 0xff;
/** Values such as 0.8312 are this many digits behind the point at most, and shorter as a whole number. */
const MAX_DECIMALS = 7;
/** Above it a varint is as long as a double. */
const MAX_WHOLE = 2 ** 41;
/** Times and steps outside of a varint's range: both are written as doubles then. */
const MAX_SIGNED = 2 ** 50;
const WHOLE = 0;
const DOUBLES = 1;

/**
 * Points as bytes: the index of its key, step and timestamp as differences to the point before, and the value.
 * DynamoDB's own numbers could not hold NaN, infinities or 1e300.
 */
export function writePoints(points: readonly MetricPoint[], keyIndex: ReadonlyMap<string, number>): Buffer {
  const bytes = new ByteWriter();
  const whole = points.every(({ step, timestamp }) => isSmall(step) && isSmall(timestamp));
  bytes.byte(whole ? WHOLE : DOUBLES);
  bytes.unsigned(points.length);
  let before = { key: 0, step: 0, timestamp: 0 };
  for (const { key, step, timestamp, value } of points) {
    const index = keyIndex.get(key) ?? 0;
    bytes.signed(index - before.key);
    if (whole) {
      bytes.signed(step - before.step);
      bytes.signed(timestamp - before.timestamp);
    } else {
      bytes.double(step);
      bytes.double(timestamp);
    }
    writeValue(bytes, value);
    before = { key: index, step, timestamp };
  }
  return bytes.toBytes();
}

/** Inverse of writePoints. */
export function readPoints(packed: Buffer, keys: readonly string[]): MetricPoint[] {
  const bytes = new ByteReader(packed);
  const whole = bytes.byte() === WHOLE;
  const count = bytes.unsigned();
  const points: MetricPoint[] = [];
  let [index, step, timestamp] = [0, 0, 0];
  for (let i = 0; i < count; i++) {
    index += bytes.signed();
    step = whole ? step + bytes.signed() : bytes.double();
    timestamp = whole ? timestamp + bytes.signed() : bytes.double();
    points.push({ key: keys[index] as string, value: readValue(bytes), timestamp, step });
  }
  return points;
}

function isSmall(value: number): boolean {
  return Number.isInteger(value) && Math.abs(value) < MAX_SIGNED;
}

function writeValue(bytes: ByteWriter, value: number): void {
  const decimals = countDecimals(value);
  bytes.byte(decimals ?? RAW);
  if (decimals === undefined) bytes.double(value);
  else bytes.signed(Math.round(value * 10 ** decimals));
}

function readValue(bytes: ByteReader): number {
  const mark = bytes.byte();
  return mark === RAW ? bytes.double() : bytes.signed() / 10 ** mark;
}

/** Digits behind the point with which the value is a small whole number, exactly; undefined when there are none. */
function countDecimals(value: number): number | undefined {
  if (!Number.isFinite(value) || Object.is(value, -0)) return undefined;
  for (let decimals = 0; decimals <= MAX_DECIMALS; decimals++) {
    const whole = Math.round(value * 10 ** decimals);
    if (Math.abs(whole) > MAX_WHOLE) return undefined;
    if (whole / 10 ** decimals === value) return decimals;
  }
  return undefined;
}
