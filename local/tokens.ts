import { randomUUID } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { LocalCloudError } from './errors.ts';
import type { Installation } from './installation.ts';

/** One token per role of a tenant. */
export type TenantTokens = Readonly<Record<string, string>>;

export interface Tokens {
  readonly platformToken: string;
  readonly tenants: Readonly<Record<string, TenantTokens>>;
}

interface StoredTokens {
  readonly platformToken: string;
  /** Sent with the tenant's creation, so that a repeated one gives the same tokens again. */
  readonly creationKey: string;
  readonly tenants: Record<string, TenantTokens>;
}

const tenant = 'default';

/**
 * The tokens that are shown only once: kept beside the state, so that they survive a restart; made anew when
 * the platform does not know them any more.
 */
export async function ensureTokens(
  file: string,
  apiUrl: string,
  installation: Installation,
): Promise<Tokens> {
  const stored = await readStored(file);
  const known = stored !== undefined && (await isAccepted(apiUrl, '/api/v1/tenants', stored.platformToken));
  const first = known ? stored : await makePlatformToken(file, installation);
  const tokens = first.tenants[tenant];
  if (tokens?.viewer !== undefined && (await isAccepted(apiUrl, '/api/v1/models', tokens.viewer)))
    return first;
  const made = { ...first, tenants: { ...first.tenants, [tenant]: await createTenant(apiUrl, first) } };
  await writeStored(file, made);
  return made;
}

async function readStored(file: string): Promise<StoredTokens | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as StoredTokens);
}

async function writeStored(file: string, tokens: StoredTokens): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, JSON.stringify(tokens), { mode: 0o600 });
}

async function makePlatformToken(file: string, installation: Installation): Promise<StoredTokens> {
  const first = await installation.makePlatformToken({ replace: false });
  const platformToken = first ?? (await installation.makePlatformToken({ replace: true }));
  if (platformToken === undefined) throw new LocalCloudError('The platform did not make a platform token.');
  const tokens = { platformToken, creationKey: randomUUID(), tenants: {} };
  await writeStored(file, tokens);
  return tokens;
}

async function isAccepted(apiUrl: string, path: string, token: string): Promise<boolean> {
  const answer = await fetch(apiUrl + path, { headers: { authorization: `Bearer ${token}` } });
  if (answer.status < 500) return answer.status !== 401;
  throw await unexpected(answer, path);
}

async function createTenant(apiUrl: string, tokens: StoredTokens): Promise<TenantTokens> {
  const path = '/api/v1/tenants';
  const answer = await fetch(apiUrl + path, {
    method: 'POST',
    body: JSON.stringify({ name: tenant }),
    headers: {
      authorization: `Bearer ${tokens.platformToken}`,
      'content-type': 'application/json',
      'idempotency-key': tokens.creationKey,
    },
  });
  if (answer.ok) return ((await answer.json()) as { tokens: TenantTokens }).tokens;
  if (answer.status === 409) {
    throw new LocalCloudError(
      `The tenant '${tenant}' exists and its tokens are lost or expired: 'npm start -- --fresh' starts anew.`,
    );
  }
  throw await unexpected(answer, path);
}

async function unexpected(answer: Response, path: string): Promise<LocalCloudError> {
  return new LocalCloudError(`The platform answered ${answer.status} to ${path}.`, {
    evidence: await answer.text(),
  });
}
