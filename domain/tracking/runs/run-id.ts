const TIME_DIGITS = 12;
const EXPERIMENT_DIGITS = 7;
const RANDOM_DIGITS = 12;
const MAX_TIME = 2 ** 48 - 1;

/** Shards that an experiment may have: one hexadecimal digit of a run id. */
export const MAX_SHARDS = 16;

/** Where a run lies, as its id tells. */
export interface RunPlace {
  readonly experimentId: string;
  readonly startTime: number;
  readonly shard: number;
}

/**
 * A run id that says where the run is: 48 bits of start time, 4 of its shard, 28 of the experiment's number and
 * 48 random ones, as the 32 hex digits that MLflow's clients expect. So a run is found by its id with one read,
 * and an experiment's runs lie in one partition (a hot one's in several) in MLflow's default order.
 */
export function formatRunId({ startTime, shard, experimentId }: RunPlace, random: Uint8Array): string {
  const time = clampTime(startTime).toString(16).padStart(TIME_DIGITS, '0');
  const experiment = Number(experimentId).toString(16).padStart(EXPERIMENT_DIGITS, '0');
  const noise = Buffer.from(random).toString('hex').slice(0, RANDOM_DIGITS);
  return time + shard.toString(16) + experiment + noise;
}

/** Inverse of formatRunId; undefined for any other text. */
export function parseRunId(runId: string): RunPlace | undefined {
  if (!/^[0-9a-f]{32}$/.test(runId)) return undefined;
  const experimentAt = TIME_DIGITS + 1;
  const experiment = runId.slice(experimentAt, experimentAt + EXPERIMENT_DIGITS);
  return {
    startTime: Number.parseInt(runId.slice(0, TIME_DIGITS), 16),
    shard: Number.parseInt(runId.charAt(TIME_DIGITS), 16),
    experimentId: String(Number.parseInt(experiment, 16)),
  };
}

/** Start times outside 48 bits order as the nearest one inside. */
export function clampTime(startTime: number): number {
  return Math.min(Math.max(Math.trunc(startTime), 0), MAX_TIME);
}

/** Part of a key that sorts newest first: what is left of the largest time. */
export function timeLeft(startTime: number): string {
  return (MAX_TIME - clampTime(startTime)).toString(16).padStart(TIME_DIGITS, '0');
}
