/** Crockford's base 32, as the ULID specification orders it. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const TIME_LENGTH = 10;
const RANDOM_LENGTH = 16;

/**
 * A ULID: 48 bits of time and 80 bits of the given randomness; ids sort by time.
 *
 * @param timeMs epoch milliseconds
 * @param random 16 bytes, of which the low 5 bits of each are used
 */
export function makeUlid(timeMs: number, random: Uint8Array): string {
  let time = '';
  for (let rest = timeMs, i = 0; i < TIME_LENGTH; i++) {
    time = ALPHABET[rest % 32] + time;
    rest = Math.floor(rest / 32);
  }
  let tail = '';
  for (let i = 0; i < RANDOM_LENGTH; i++) tail += ALPHABET[(random[i] ?? 0) & 31];
  return time + tail;
}
