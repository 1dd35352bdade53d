import { createHash } from 'node:crypto';

/** prn_ + 43 base-62 digits (256 random bits) + 6 of a checksum, so that scanners and typos are told apart. */
const PREFIX = 'prn_';
const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const SECRET_LENGTH = 43;
const CHECKSUM_LENGTH = 6;
const PATTERN = new RegExp(`^${PREFIX}[0-9A-Za-z]{${SECRET_LENGTH + CHECKSUM_LENGTH}}$`);

/** Formats 32 random bytes as a personal access token. */
export function formatToken(random: Uint8Array): string {
  const secret = toBase62(random, SECRET_LENGTH);
  return `${PREFIX}${secret}${checksum(secret)}`;
}

/** Whether the text has a token's form and checksum; says nothing about whether it was ever given out. */
export function isTokenShaped(text: string): boolean {
  if (!PATTERN.test(text)) return false;
  const secret = text.slice(PREFIX.length, PREFIX.length + SECRET_LENGTH);
  return text.slice(PREFIX.length + SECRET_LENGTH) === checksum(secret);
}

/** What is stored of a token. 256 random bits need no slow hash. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** The token in an Authorization header: Bearer, or Basic with the token as password (MLflow's clients send both). */
export function readAuthorization(header: string | undefined): string | undefined {
  const [, scheme = '', value = ''] = /^(\w+) +(\S+)\s*$/.exec(header ?? '') ?? [];
  if (scheme.toLowerCase() === 'bearer') return value;
  if (scheme.toLowerCase() !== 'basic') return undefined;
  const pair = Buffer.from(value, 'base64').toString();
  return pair.includes(':') ? pair.slice(pair.indexOf(':') + 1) : undefined;
}

function checksum(secret: string): string {
  return toBase62(createHash('sha256').update(secret).digest().subarray(0, 5), CHECKSUM_LENGTH).slice(
    -CHECKSUM_LENGTH,
  );
}

function toBase62(bytes: Uint8Array, length: number): string {
  let value = BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
  let text = '';
  for (; value > 0n; value /= 62n) text = ALPHABET[Number(value % 62n)] + text;
  return text.padStart(length, '0');
}
