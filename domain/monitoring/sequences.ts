/** First and last number of an unbroken run, and how many lines it held; more lines than numbers are repeats. */
export type SequenceRange = readonly [first: number, last: number, lines: number];

/** Numbers seen per execution environment: what is missing between the first and the last was lost. */
export type SequenceRanges = Readonly<Record<string, readonly SequenceRange[]>>;

export interface CaptureLoss {
  /** Lines whose number was never seen although a later one was. */
  readonly gaps: number;
  /** Lines that came twice. */
  readonly repeats: number;
  readonly lines: number;
}

/** Adds one line's number. */
export function addSequence(ranges: SequenceRanges, environment: string, number: number): SequenceRanges {
  return { ...ranges, [environment]: joinRanges([...(ranges[environment] ?? []), [number, number, 1]]) };
}

/** Both together; order does not matter. */
export function mergeSequences(a: SequenceRanges, b: SequenceRanges): SequenceRanges {
  const merged: Record<string, readonly SequenceRange[]> = { ...a };
  for (const [environment, ranges] of Object.entries(b)) {
    merged[environment] = joinRanges([...(merged[environment] ?? []), ...ranges]);
  }
  return merged;
}

/**
 * Lost and repeated lines.
 *
 * @param startsAtZero whether the numbers are all that the environments ever wrote: then a missing head counts
 */
export function countLoss(ranges: SequenceRanges, startsAtZero = false): CaptureLoss {
  let gaps = 0;
  let repeats = 0;
  let lines = 0;
  for (const runs of Object.values(ranges)) {
    let expected = startsAtZero ? 0 : (runs[0]?.[0] ?? 0);
    for (const [first, last, held] of runs) {
      gaps += first - expected;
      repeats += held - (last - first + 1);
      lines += held;
      expected = last + 1;
    }
  }
  return { gaps, repeats, lines };
}

function joinRanges(ranges: readonly SequenceRange[]): SequenceRange[] {
  const sorted = [...ranges].sort(([a], [b]) => a - b);
  const joined: SequenceRange[] = [];
  for (const range of sorted) {
    const last = joined.at(-1);
    if (last !== undefined && range[0] <= last[1] + 1) {
      joined[joined.length - 1] = [last[0], Math.max(last[1], range[1]), last[2] + range[2]];
    } else joined.push(range);
  }
  return joined;
}
