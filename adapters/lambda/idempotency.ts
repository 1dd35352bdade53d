import { createHash } from 'node:crypto';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { CallContext } from '../../domain/shared/call-context.ts';
import { AlreadyExistsError } from '../../domain/shared/domain-error.ts';
import { IdempotencyKeyReusedError, RequestRunningError } from '../../domain/shared/idempotency-errors.ts';
import type { Route } from '../../domain/shared/route.ts';
import type { Key, Store } from '../../domain/shared/store.ts';
import type { HttpAnswer } from './problem.ts';

export interface Idempotency {
  readonly store: Store;
}

interface Remembered {
  readonly fingerprint: string;
  readonly startedMs: number;
  readonly answer?: HttpAnswer;
}

interface Keyed {
  readonly key: string;
  readonly route: Route;
  readonly event: APIGatewayProxyEventV2;
  readonly context: CallContext;
}

/** contract.md: an Idempotency-Key holds for 24 hours. */
const KEPT_MS = 24 * 3600 * 1000;
/** API Gateway gives up after 30 s: a first request older than this died, and its key may be taken over. */
const ABANDONED_MS = 35_000;

/**
 * Runs a POST once per key: repeats get the remembered answer. An answer of the platform's own failure (5xx)
 * is forgotten, so that the repeat may succeed.
 *
 * @throws IdempotencyKeyReusedError, RequestRunningError
 */
export async function withIdempotency(
  { store }: Idempotency,
  keyed: Keyed,
  run: () => Promise<HttpAnswer>,
): Promise<HttpAnswer> {
  const key: Key = {
    tenant: keyed.context.tenant,
    kind: 'idempotency',
    id: hash(keyed.context.actor, keyed.key),
  };
  const fingerprint = hash(keyed.route.operationId, keyed.event.rawPath, keyed.event.body ?? '');
  const claimed = await claim(store, key, fingerprint, keyed.context.nowMs);
  if ('answer' in claimed) return claimed.answer;
  try {
    const answer = await run();
    await remember(
      store,
      key,
      claimed.revision,
      { fingerprint, startedMs: keyed.context.nowMs, answer },
      keyed.context.nowMs,
    );
    return answer;
  } catch (error) {
    await store.commit([{ remove: key, expect: claimed.revision }]);
    throw error;
  }
}

type Claim = { readonly revision: number } | { readonly answer: HttpAnswer };

async function claim(store: Store, key: Key, fingerprint: string, nowMs: number): Promise<Claim> {
  const value: Remembered = { fingerprint, startedMs: nowMs };
  const expiresAtMs = nowMs + KEPT_MS;
  try {
    await store.commit([{ put: key, value, expect: 'absent', expiresAtMs }]);
    return { revision: 1 };
  } catch (error) {
    if (!(error instanceof AlreadyExistsError)) throw error;
  }
  const item = await store.get<Remembered>(key);
  if (item === undefined) throw new RequestRunningError();
  const expired = nowMs - item.value.startedMs > KEPT_MS;
  if (!expired && item.value.fingerprint !== fingerprint) throw new IdempotencyKeyReusedError();
  if (!expired && item.value.answer !== undefined) return { answer: item.value.answer };
  if (!expired && nowMs - item.value.startedMs < ABANDONED_MS) throw new RequestRunningError();
  await store.commit([{ put: key, value, expect: item.revision, expiresAtMs }]);
  return { revision: item.revision + 1 };
}

async function remember(
  store: Store,
  key: Key,
  revision: number,
  value: Remembered,
  nowMs: number,
): Promise<void> {
  await store.commit([{ put: key, value, expect: revision, expiresAtMs: nowMs + KEPT_MS }]);
}

function hash(...parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
