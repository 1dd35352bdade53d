/** Rounds before another task has its turn: enough to be warm, few enough for a noisy moment to hit all. */
const BLOCKS = 10;

/** Median time of each task in microseconds; the tasks take turns in blocks. */
export async function medianMicroseconds<K extends string>(
  tasks: Readonly<Record<K, (round: number) => unknown>>,
  rounds: number,
): Promise<Record<K, number>> {
  const names = Object.keys(tasks) as K[];
  const times = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<K, number[]>;
  const perBlock = Math.ceil(rounds / BLOCKS);
  // The first block warms up and is not counted.
  for (let block = 0; block <= BLOCKS; block++) {
    for (const name of names) {
      for (let round = 0; round < perBlock; round++) {
        const started = process.hrtime.bigint();
        await tasks[name](round);
        if (block > 0) times[name].push(Number(process.hrtime.bigint() - started) / 1000);
      }
    }
  }
  return Object.fromEntries(names.map((name) => [name, median(times[name])])) as Record<K, number>;
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] as number;
}
