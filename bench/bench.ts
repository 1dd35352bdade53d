/** One measured figure; it has a bar when `ok` says whether it was met. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** What the value is held to, as design and README write it (`<= 1.7`). */
  readonly bar?: string;
  readonly ok?: boolean;
}

/** A measurement that compares, in one run, with the thing it names; `bench/NAME.bench.ts` exports `bars`. */
export interface Bench {
  readonly name: string;
  run(): Promise<Figure[]>;
}

/** A figure that must not exceed the bar. */
export function atMost(name: string, value: number, unit: string, most: number): Figure {
  return { name, value, unit, bar: `<=${most}`, ok: value <= most };
}

/** Middle of the values, the upper one of two. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
