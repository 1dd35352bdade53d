import { InvalidInputError, RefusedError } from '../shared/domain-error.ts';

/** Where a data set is cut: by share of rows, or at times (epoch milliseconds). */
export type SplitPolicy =
  | { readonly validationShare: number; readonly holdOutShare: number }
  | { readonly validationFrom: number; readonly holdOutFrom: number };

/** Row numbers of each part in time order; the first row of a part is at its `From`. */
export interface TimeSplit {
  readonly training: Uint32Array;
  readonly validation: Uint32Array;
  readonly holdOut: Uint32Array;
  readonly validationFrom: number;
  readonly holdOutFrom: number;
}

/** 15 % each: enough to tell trials and champion apart, recent enough to be like what comes next. */
export const DEFAULT_SPLIT: SplitPolicy = { validationShare: 0.15, holdOutShare: 0.15 };

/**
 * Cuts rows into training, validation and hold-out by time, since a model serves later rows than it has seen.
 * Rows of one instant stay together, so a cut by share moves to where the nearest instant starts.
 *
 * @throws InvalidInputError when a time is missing or the policy makes no sense.
 * @throws RefusedError when a part would be empty.
 */
export function splitByTime(times: Float64Array, policy: SplitPolicy = DEFAULT_SPLIT): TimeSplit {
  if (!times.every(Number.isFinite)) {
    throw new InvalidInputError('Every row needs a time to be split by time.');
  }
  const order = Uint32Array.from(times, (_, row) => row).sort((a, b) => times[a]! - times[b]! || a - b);
  const timeAt = (position: number) => times[order[position]!] ?? Number.POSITIVE_INFINITY;
  const [validationFrom, holdOutFrom] = toInstants(policy, order.length, timeAt);
  const validationStart = firstAtOrAfter(order.length, timeAt, validationFrom);
  const holdOutStart = firstAtOrAfter(order.length, timeAt, holdOutFrom);
  const split = {
    training: order.slice(0, validationStart),
    validation: order.slice(validationStart, holdOutStart),
    holdOut: order.slice(holdOutStart),
    validationFrom,
    holdOutFrom,
  };
  for (const part of ['training', 'validation', 'holdOut'] as const) {
    if (split[part].length === 0) throw new RefusedError(`The split by time leaves no rows for ${part}.`);
  }
  return split;
}

function toInstants(policy: SplitPolicy, rows: number, timeAt: (position: number) => number) {
  if ('validationFrom' in policy) {
    if (!(policy.validationFrom < policy.holdOutFrom)) {
      throw new InvalidInputError('validationFrom must be before holdOutFrom.');
    }
    return [policy.validationFrom, policy.holdOutFrom] as const;
  }
  const { validationShare, holdOutShare } = policy;
  if (!(validationShare > 0 && holdOutShare > 0 && validationShare + holdOutShare < 1)) {
    throw new InvalidInputError('validationShare and holdOutShare must be above 0 and below 1 together.');
  }
  const holdOutStart = Math.round(rows * (1 - holdOutShare));
  const validationStart = Math.round(rows * (1 - holdOutShare - validationShare));
  return [nearestInstant(rows, timeAt, validationStart), nearestInstant(rows, timeAt, holdOutStart)] as const;
}

/** The instant that starts nearest to this position and leaves rows on both sides. */
function nearestInstant(rows: number, timeAt: (position: number) => number, position: number): number {
  const time = timeAt(Math.min(position, rows - 1));
  const start = firstAtOrAfter(rows, timeAt, time);
  let next = start + 1;
  while (next < rows && timeAt(next) === time) next += 1;
  const takesStart = start > 0 && (next === rows || position - start <= next - position);
  return takesStart ? time : timeAt(next);
}

function firstAtOrAfter(rows: number, timeAt: (position: number) => number, instant: number): number {
  let low = 0;
  let high = rows;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (timeAt(middle) < instant) low = middle + 1;
    else high = middle;
  }
  return low;
}
