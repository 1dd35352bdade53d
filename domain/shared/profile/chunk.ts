/** Rows from the first (included) to the last (not included), in the order of time. */
export type Chunk = readonly [from: number, to: number];

/** Fewer chunks say nothing about how much chunks differ (NannyML warns below six as well). */
const MIN_CHUNKS = 6;
const MAX_CHUNKS = 400;
const MIN_CHUNK_ROWS = 30;
/** Chunk counts that are tried when the caller does not name the windows to come. */
const DEFAULT_CHUNKS = [8, 24, 72] as const;

/** Windows that will be compared with the reference. */
export interface LikeWindows {
  readonly rows?: number;
  /** Milliseconds, when the rows have times. */
  readonly ms?: number;
}

/** Ways to cut the reference into windows like those to come, by rising size. `times` ascend. */
export function cutChunks(rows: number, windows: LikeWindows, times?: Float64Array): Chunk[][] {
  const byTime = times !== undefined && windows.ms !== undefined ? cutByTime(times, windows.ms) : [];
  // Windows of the same hours are alike as no others are: when there are enough of them, they are all it takes.
  if (byTime.length >= MIN_CHUNKS) return [byTime];
  const counts = new Set<number>(DEFAULT_CHUNKS);
  if (windows.rows !== undefined && windows.rows > 0) {
    counts.add(Math.min(MAX_CHUNKS, Math.max(MIN_CHUNKS, Math.floor(rows / windows.rows))));
  }
  return [...counts]
    .sort((a, b) => b - a)
    .filter((count) => Math.floor(rows / count) >= MIN_CHUNK_ROWS)
    .map((count) => cutByRows(count, Math.floor(rows / count)));
}

function cutByRows(count: number, size: number): Chunk[] {
  return Array.from({ length: count }, (_, chunk) => [chunk * size, (chunk + 1) * size] as const);
}

/** Windows on the grid of their length; those with hardly any rows are left out. */
function cutByTime(times: Float64Array, windowMs: number): Chunk[] {
  const chunks: Chunk[] = [];
  for (let from = 0; from < times.length; ) {
    const window = Math.floor(times[from]! / windowMs);
    let to = from + 1;
    while (to < times.length && Math.floor(times[to]! / windowMs) === window) to++;
    if (to - from >= MIN_CHUNK_ROWS) chunks.push([from, to]);
    from = to;
  }
  const step = Math.ceil(chunks.length / MAX_CHUNKS);
  return chunks.filter((_, i) => i % Math.max(1, step) === 0);
}

/** Rows in a chunk, on average. */
export function meanChunkRows(chunks: readonly Chunk[]): number {
  return Math.round(chunks.reduce((sum, [from, to]) => sum + to - from, 0) / chunks.length);
}
