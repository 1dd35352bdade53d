/** What a move counts on both sides, in the order in which it is shown. */
export const KINDS = [
  'experiments',
  'deleted experiments',
  'runs',
  'deleted runs',
  'params',
  'tags',
  'metric points',
  'dataset inputs',
  'model inputs and outputs',
  'logged models',
  'logged model metrics',
  'registered models and prompts',
  'versions',
  'aliases',
  'artifact files',
  'artifact bytes',
] as const;
export type Kind = (typeof KINDS)[number];

/** Counts by kind; a kind that is missing was not found once. */
export type Counts = Partial<Record<Kind, number>>;

/** Counts by experiment and by registered model, so that a difference has a place. */
export class Tally {
  readonly #byOwner = new Map<string, Counts>();

  add(owner: string, kind: Kind, count = 1): void {
    const counts = this.#byOwner.get(owner) ?? {};
    this.#byOwner.set(owner, { ...counts, [kind]: (counts[kind] ?? 0) + count });
  }

  of(owner: string): Counts {
    return this.#byOwner.get(owner) ?? {};
  }

  get owners(): readonly string[] {
    return [...this.#byOwner.keys()];
  }

  get total(): Counts {
    const sum: Counts = {};
    for (const counts of this.#byOwner.values()) {
      for (const kind of KINDS) if (counts[kind] !== undefined) sum[kind] = (sum[kind] ?? 0) + counts[kind];
    }
    return sum;
  }
}

/** A kind that both sides have in different number. */
export interface Difference {
  /** Experiment or registered model. */
  readonly in: string;
  readonly kind: Kind;
  readonly source: number;
  readonly target: number;
}

export function compareTallies(source: Tally, target: Tally): Difference[] {
  const owners = [...new Set([...source.owners, ...target.owners])];
  return owners.flatMap((owner) => {
    const [from, to] = [source.of(owner), target.of(owner)];
    return KINDS.flatMap((kind) => {
      const difference = { in: owner, kind, source: from[kind] ?? 0, target: to[kind] ?? 0 };
      return difference.source === difference.target ? [] : [difference];
    });
  });
}
