import type { HistoryPart } from '../ports.ts';
import { comparable, type MetricPoint } from '../runs/run.ts';

/** The last point of a page; the value is text, as JSON has no NaN. */
export interface Position {
  readonly timestamp: number;
  readonly step: number;
  readonly value: string;
}

/** MLflow's order of a history: timestamp, step, value; NaN counts as 0 and comes behind it. */
export function compareByTime(a: MetricPoint, b: MetricPoint): number {
  return a.timestamp - b.timestamp || a.step - b.step || compareValues(a.value, b.value);
}

/** MLflow's order of a chart: step, timestamp, value. */
export function compareByStep(a: MetricPoint, b: MetricPoint): number {
  return a.step - b.step || a.timestamp - b.timestamp || compareValues(a.value, b.value);
}

function compareValues(a: number, b: number): number {
  return comparable(a) - comparable(b) || Number(Number.isNaN(a)) - Number(Number.isNaN(b));
}

/**
 * The first `limit` points behind a position, each once. Parts come ordered by their earliest timestamp, so the
 * reading ends as soon as no later part can have an earlier point; what is kept meanwhile is at most twice the
 * limit and one part.
 */
export async function selectEarliest(
  parts: AsyncIterable<HistoryPart>,
  limit: number,
  after?: Position,
): Promise<{ readonly points: MetricPoint[]; readonly more: boolean }> {
  const isBehind = after === undefined ? () => true : behind(after);
  let kept: MetricPoint[] = [];
  for await (const { fromTimestamp, points } of parts) {
    const end = kept.length > limit ? kept[limit] : undefined;
    if (end !== undefined && fromTimestamp > end.timestamp) break;
    for (const point of points) if (isBehind(point)) kept.push(point);
    if (kept.length > limit * 2) kept = inOrder(kept).slice(0, limit + 1);
  }
  const found = inOrder(kept);
  return { points: found.slice(0, limit), more: found.length > limit };
}

function behind({ timestamp, step, value }: Position): (point: MetricPoint) => boolean {
  const last: MetricPoint = { key: '', timestamp, step, value: Number(value) };
  return (point) => compareByTime(point, last) > 0;
}

/** Sorted, exact repeats once. */
function inOrder(points: readonly MetricPoint[]): MetricPoint[] {
  const sorted = [...points].sort(compareByTime);
  return sorted.filter((point, i) => i === 0 || compareByTime(sorted[i - 1] as MetricPoint, point) !== 0);
}
