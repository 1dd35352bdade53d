import { median } from '../bench.ts';

/** Rounds before another task has its turn: enough to be warm, few enough for a noisy moment to hit all. */
const BLOCKS = 12;

/**
 * Median time of each task in microseconds, in the quietest of several blocks in which the tasks take turns:
 * what else the machine does can only add to a median, never take away.
 */
export async function medianMicroseconds<K extends string>(
  tasks: Readonly<Record<K, (round: number) => unknown>>,
  rounds: number,
): Promise<Record<K, number>> {
  const names = Object.keys(tasks) as K[];
  const best = Object.fromEntries(names.map((name) => [name, Number.POSITIVE_INFINITY])) as Record<K, number>;
  const perBlock = Math.ceil(rounds / BLOCKS);
  // The first block warms up and is not counted.
  for (let block = 0; block <= BLOCKS; block++) {
    for (const name of names) {
      const blockMedian = await timeBlock(tasks[name], perBlock);
      if (block > 0) best[name] = Math.min(best[name], blockMedian);
    }
  }
  return best;
}

async function timeBlock(task: (round: number) => unknown, rounds: number): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const started = process.hrtime.bigint();
    await task(round);
    times.push(Number(process.hrtime.bigint() - started) / 1000);
  }
  return median(times);
}
