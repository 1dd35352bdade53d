import { isLater, isSamePoint, type MetricPoint, type Run } from '../runs/run.ts';

/**
 * Points that a run's item keeps before they go to its history as one chunk. With 32 of them, a loop of
 * `log_metric` writes a chunk every 32 calls, and the item of a usual run stays below 1 KB.
 */
export const MAX_RECENT = 32;

type Points = Pick<Run, 'latest' | 'recent'>;

/**
 * The run's points with further ones: a point either becomes the latest of its metric, and the one before it is
 * recent then, or it is recent itself. One that is known already changes nothing. Answers the same objects when
 * nothing changes.
 */
export function addPoints({ latest, recent }: Points, points: readonly MetricPoint[]): Points {
  const nextLatest = new Map(Object.entries(latest));
  const added: MetricPoint[] = [];
  for (const point of points) {
    const current = nextLatest.get(point.key);
    if (current !== undefined && isSamePoint(current, point)) continue;
    if (!isLater(point, current)) {
      added.push(point);
      continue;
    }
    if (current !== undefined) added.push(current);
    nextLatest.set(point.key, point);
  }
  const news = withoutRepeats(added, recent);
  const isChanged = [...nextLatest].some(([key, point]) => latest[key] !== point);
  return {
    latest: isChanged ? Object.fromEntries(nextLatest) : latest,
    recent: news.length === 0 ? recent : [...recent, ...news],
  };
}

function withoutRepeats(added: readonly MetricPoint[], recent: readonly MetricPoint[]): MetricPoint[] {
  const name = ({ key, value, timestamp, step }: MetricPoint) => `${timestamp}/${step}/${value}/${key}`;
  const known = new Set(recent.map(name));
  return added.filter((point) => {
    const isNew = !known.has(name(point));
    known.add(name(point));
    return isNew;
  });
}
