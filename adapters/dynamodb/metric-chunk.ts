import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { MetricPoint } from '../../domain/tracking/run.ts';

const BYTES_PER_POINT = 26;

/**
 * Packs points into one binary: the keys once as JSON, then per point its key's index (2 bytes), value,
 * timestamp and step (8 bytes each), column by column so that deflate finds their regularity. DynamoDB's own
 * numbers could not hold NaN, infinities or 1e300.
 */
export function packPoints(points: readonly MetricPoint[]): Uint8Array {
  const keys = [...new Set(points.map(({ key }) => key))];
  const index = new Map(keys.map((key, i) => [key, i]));
  const header = Buffer.from(JSON.stringify(keys));
  const body = Buffer.alloc(4 + header.length + points.length * BYTES_PER_POINT);
  body.writeUInt32LE(header.length, 0);
  header.copy(body, 4);
  const columns = columnOffsets(4 + header.length, points.length);
  for (const [i, point] of points.entries()) {
    body.writeUInt16LE(index.get(point.key) ?? 0, columns.key + i * 2);
    body.writeDoubleLE(point.value, columns.value + i * 8);
    body.writeDoubleLE(point.timestamp, columns.timestamp + i * 8);
    body.writeDoubleLE(point.step, columns.step + i * 8);
  }
  return deflateRawSync(body);
}

/** Inverse of packPoints. */
export function unpackPoints(packed: Uint8Array): MetricPoint[] {
  const body = inflateRawSync(packed);
  const headerLength = body.readUInt32LE(0);
  const keys = JSON.parse(body.subarray(4, 4 + headerLength).toString()) as string[];
  const start = 4 + headerLength;
  const count = (body.length - start) / BYTES_PER_POINT;
  const columns = columnOffsets(start, count);
  return Array.from({ length: count }, (_, i) => ({
    key: keys[body.readUInt16LE(columns.key + i * 2)] as string,
    value: body.readDoubleLE(columns.value + i * 8),
    timestamp: body.readDoubleLE(columns.timestamp + i * 8),
    step: body.readDoubleLE(columns.step + i * 8),
  }));
}

function columnOffsets(start: number, count: number) {
  const value = start + count * 2;
  return { key: start, value, timestamp: value + count * 8, step: value + count * 16 };
}
