import type { CapturedEndpoint } from '../shared/capture-layout.ts';
import { LATENCY_EDGES_MS } from '../shared/observation.ts';
import type { StoredWindow, WindowStore } from './ports.ts';
import { countLoss, mergeSequences, type SequenceRanges } from './sequences.ts';

const MINUTE_MS = 60_000;

/** Requests, errors, latency and capture loss of one version over a time. */
export async function measureVersion(
  windows: WindowStore,
  endpoint: CapturedEndpoint,
  version: number,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
) {
  const minutes = await windows.list(
    endpoint,
    version,
    Math.floor(fromMs / MINUTE_MS),
    Math.ceil(toMs / MINUTE_MS),
  );
  const sum = (read: (window: StoredWindow) => number) =>
    minutes.reduce((total, window) => total + read(window), 0);
  const requests = sum(({ observation }) => observation.requests);
  const sequences = minutes.reduce<SequenceRanges>((all, { sequences: own }) => mergeSequences(all, own), {});
  return {
    version,
    requests,
    errors: sum(({ observation }) => observation.errors),
    rows: sum(({ rows }) => rows),
    latencyMs: toPercentiles(minutes),
    requestsPerMinute: (requests * MINUTE_MS) / Math.max(MINUTE_MS, toMs - fromMs),
    loss: countLoss(sequences),
  };
}

/** Upper edges of the bins that hold the 50th, 95th and 99th percentile: at most 10 % above the exact value. */
function toPercentiles(minutes: readonly StoredWindow[]): { p50: number; p95: number; p99: number } | null {
  const counts = new Array<number>(LATENCY_EDGES_MS.length + 1).fill(0);
  for (const { observation } of minutes) {
    for (const [bin, count] of observation.latency.entries()) counts[bin] = (counts[bin] ?? 0) + count;
  }
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  const percentile = (share: number) => {
    let seen = 0;
    const bin = counts.findIndex((count) => {
      seen += count;
      return seen >= share * total;
    });
    return LATENCY_EDGES_MS[Math.min(bin, LATENCY_EDGES_MS.length - 1)] ?? 0;
  };
  return { p50: percentile(0.5), p95: percentile(0.95), p99: percentile(0.99) };
}
