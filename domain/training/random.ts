/** Seeded random numbers; the same seed gives the same sequence on every machine. */
export interface Random {
  /** Uniform in [0, 1), 32 bits. */
  uniform(): number;
  /** Uniform integer in [0, limit). */
  below(limit: number): number;
}

/** SFC32 (PractRand's small fast counter): 128 bits of state, passes PractRand, integer arithmetic only. */
export function makeRandom(seed: number): Random {
  let a = seed | 0;
  let b = Math.floor(seed / 4294967296) | 0;
  let c = 0x9e3779b9 | 0;
  let counter = 1;
  function uniform(): number {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    c |= 0;
    return (sum >>> 0) / 4294967296;
  }
  // The author's seeding: twelve rounds until every bit of the state depends on the seed.
  for (let round = 0; round < 12; round++) uniform();
  return { uniform, below: (limit) => Math.floor(uniform() * limit) };
}

/** Seed of one part of a job (a trial, a resample), so that parts can run in any order. */
export function deriveSeed(seed: number, part: number): number {
  return Math.floor(makeRandom(seed + 0x100000000 * (part + 1)).uniform() * 4294967296);
}

/** Writes `count` of the numbers 0 … total-1 in ascending order (selection sampling, Knuth 3.4.2 S). */
export function sampleAscending(random: Random, total: number, count: number, out: Uint32Array): void {
  if (count === total) {
    for (let i = 0; i < total; i++) out[i] = i;
    return;
  }
  let chosen = 0;
  for (let i = 0; chosen < count; i++) {
    if (random.uniform() * (total - i) < count - chosen) out[chosen++] = i;
  }
}
