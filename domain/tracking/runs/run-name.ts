/** Words of our own for names like MLflow's `adjective-noun-123`. */
const ADJECTIVES = [
  'able',
  'amber',
  'brisk',
  'calm',
  'clever',
  'eager',
  'fair',
  'gentle',
  'keen',
  'lively',
  'merry',
  'nimble',
  'proud',
  'quiet',
  'rare',
  'swift',
];
const NOUNS = [
  'ash',
  'birch',
  'cedar',
  'clover',
  'fern',
  'hazel',
  'iris',
  'juniper',
  'larch',
  'maple',
  'moss',
  'oak',
  'poppy',
  'rowan',
  'sage',
  'willow',
];

/** A name for a run that was given none, from three random bytes. */
export function makeRunName(random: Uint8Array): string {
  const [a = 0, b = 0, c = 0] = random;
  return `${ADJECTIVES[a % ADJECTIVES.length]}-${NOUNS[b % NOUNS.length]}-${c + 100}`;
}
