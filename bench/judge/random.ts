/** Seeded source of random numbers (sfc32) with the draws that the simulated traffic needs. */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;
  #spareNormal: number | undefined;

  constructor(seed: number) {
    this.#a = seed | 0;
    this.#b = 0x9e3779b9;
    this.#c = 0x243f6a88;
    for (let k = 0; k < 15; k += 1) this.uniform();
  }

  uniform(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  }

  normal(): number {
    if (this.#spareNormal !== undefined) {
      const spare = this.#spareNormal;
      this.#spareNormal = undefined;
      return spare;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    const angle = 2 * Math.PI * this.uniform();
    this.#spareNormal = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  /** Normal approximation above a mean of 50, where a minute's count is told apart from it by no test. */
  poisson(mean: number): number {
    if (mean > 50) return Math.max(0, Math.round(mean + Math.sqrt(mean) * this.normal()));
    const limit = Math.exp(-mean);
    let product = this.uniform();
    let count = 0;
    while (product > limit) {
      product *= this.uniform();
      count += 1;
    }
    return count;
  }

  /** Exact below an expected count of 40 on the rarer side, normal above. */
  binomial(trials: number, p: number): number {
    if (trials <= 0 || p <= 0) return 0;
    if (p >= 1) return trials;
    if (p > 0.5) return trials - this.binomial(trials, 1 - p);
    if (trials * p > 40) {
      const draw = Math.round(trials * p + Math.sqrt(trials * p * (1 - p)) * this.normal());
      return Math.min(trials, Math.max(0, draw));
    }
    // Waiting times between successes are geometric.
    const lnFailure = Math.log1p(-p);
    let position = 0;
    for (let count = 0; ; count += 1) {
      position += Math.floor(Math.log(1 - this.uniform()) / lnFailure) + 1;
      if (position > trials) return count;
    }
  }

  /** Splits trials over categories with these probabilities (they sum to 1). */
  multinomial(trials: number, probabilities: readonly number[]): number[] {
    const counts = new Array<number>(probabilities.length).fill(0);
    let left = trials;
    let rest = 1;
    for (let k = 0; k < probabilities.length && left > 0; k += 1) {
      const count = this.binomial(left, Math.min(1, probabilities[k]! / rest));
      counts[k] = count;
      left -= count;
      rest = Math.max(1e-12, rest - probabilities[k]!);
    }
    return counts;
  }
}
