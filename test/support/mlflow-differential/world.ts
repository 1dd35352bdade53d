import type { Random } from './random.ts';

/** What the calls so far have made, as MLflow's server answered them. */
export class World {
  readonly random: Random;
  readonly experiments: { ref: string; name: string }[] = [];
  readonly runs: string[] = [];
  readonly models: string[] = [];
  readonly versions: { name: string; version: string; stage: string }[] = [];
  readonly #times = new Set<number>();
  #made = 0;

  constructor(random: Random) {
    this.random = random;
  }

  /** A name that no call has used yet. */
  newName(prefix: string): string {
    this.#made += 1;
    return `${prefix}${this.#made}`;
  }

  /** A time that no other run starts at: MLflow orders such runs by their ids, which are random. */
  newTime(): number {
    let time: number;
    do time = 1_750_000_000_000 + this.random.below(5000);
    while (this.#times.has(time));
    this.#times.add(time);
    return time;
  }

  anExperiment(): string {
    return this.#known(
      this.experiments.map(({ ref }) => ref),
      ['0', '999999', 'abc'],
    );
  }

  aRun(): string {
    return this.#known(this.runs, ['00000000000000000000000000000000', 'not-a-run']);
  }

  aModel(): string {
    return this.#known(this.models, ['absent', 'a/b', '..']);
  }

  aVersion(): { name: string; version: string } {
    const { name, version } = this.#known<{ name: string; version: string }>(this.versions, [
      { name: 'absent', version: '1' },
      { name: this.models[0] ?? 'absent', version: '99' },
      { name: this.models[0] ?? 'absent', version: 'x' },
    ]);
    return { name, version };
  }

  /** Mostly something that exists, the newest more often; sometimes something that does not. */
  #known<T>(items: readonly T[], others: readonly T[]): T {
    if (items.length === 0 || this.random.chance(0.04)) return this.random.pick(others);
    return this.random.pick(this.random.chance(0.5) ? items.slice(-3) : items);
  }
}

export const KEYS = ['a', 'b', 'loss', 'val/acc', 'x y', 'é', 'k-1.2', 'Lr'] as const;
export const TEXTS = ['', 'v', 'V', 'w', '10', '9', '%', "it's", 'ünï', 'a_b', 'v v'] as const;

export function someTags(random: Random): { key: string; value: string }[] {
  return random.some(KEYS, 3).map((key) => ({ key, value: random.pick(TEXTS) }));
}
