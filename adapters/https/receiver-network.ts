import { lookup as lookUp } from 'node:dns/promises';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import type {
  ReceiverAnswer,
  ReceiverNetwork,
  ReceiverRequest,
} from '../../domain/registry/webhooks/ports.ts';
import { hostOf } from '../../domain/registry/webhooks/receiver-url.ts';
import { describeFailure } from './describe-failure.ts';
import { makeAddressRule } from './public-addresses.ts';
import { readAnswer } from './read-answer.ts';

export interface Address {
  readonly address: string;
  readonly family: number;
}

export interface ReceiverNetworkOptions {
  /** Names, addresses and CIDRs that may be called although they are not public. */
  readonly allowed: readonly string[];
  readonly timeoutMs?: number;
  /** @default the system's resolver */
  readonly resolve?: (host: string) => Promise<readonly Address[]>;
  /** Authorities to trust. @default Node's, with those of NODE_EXTRA_CA_CERTS */
  readonly ca?: string;
}

/** From the first question to the resolver to the last byte; a message's visibility is a multiple of it. */
const TIMEOUT_MS = 10_000;

/** Receivers on the internet: what is called is an address that was checked a moment ago, never a name. */
export function createReceiverNetwork(options: ReceiverNetworkOptions): ReceiverNetwork {
  const { allowed, timeoutMs = TIMEOUT_MS, resolve = resolveHost, ca } = options;
  const mayCall = makeAddressRule(allowed);
  const locate = async (host: string) => {
    const family = isIP(host);
    const addresses = family === 0 ? await resolve(host) : [{ address: host, family }];
    return { addresses, forbidden: addresses.find(({ address }) => !mayCall(host, address))?.address };
  };
  return {
    // A name without an address yet leads nowhere that would have to be forbidden.
    findForbiddenAddress: async (host) => (await locate(host).catch(() => undefined))?.forbidden,
    post: async (request) => {
      const startedMs = performance.now();
      const took = () => ({ durationMs: Math.round(performance.now() - startedMs) });
      const signal = AbortSignal.timeout(timeoutMs);
      const host = hostOf(new URL(request.url));
      try {
        const { addresses, forbidden } = await unlessAborted(signal, locate(host));
        if (forbidden !== undefined) return { ...took(), kind: 'refused', error: refusal(host, forbidden) };
        const sent = await send(request, { signal, ca, lookup: answerWith(addresses) });
        return { ...took(), ...sent };
      } catch (error) {
        return { ...took(), kind: 'unreachable', error: describeFailure(error, host, timeoutMs) };
      }
    },
  };
}

function resolveHost(host: string): Promise<readonly Address[]> {
  return lookUp(host, { all: true });
}

function refusal(host: string, address: string): string {
  return `The address ${address} of '${host}' is not public, and this installation does not allow it.`;
}

/** The resolver has no time limit of its own. */
function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
  return Promise.race([work, aborted]);
}

/** A resolver that knows the checked addresses and nothing else; an address in the URL is called as it is. */
function answerWith(addresses: readonly Address[]): LookupFunction {
  return (_host, { all }, callback) => {
    const [first] = addresses;
    if (all) callback(null, [...addresses]);
    else callback(null, first?.address ?? '', first?.family ?? 4);
  };
}

type Answered = Extract<ReceiverAnswer, { kind: 'answered' }>;

function send(
  { url, headers, body }: ReceiverRequest,
  { ca, ...connection }: Pick<RequestOptions, 'signal' | 'lookup'> & { ca: string | undefined },
): Promise<Omit<Answered, 'durationMs'>> {
  return new Promise((resolve, reject) => {
    const request = httpsRequest(url, {
      method: 'POST',
      headers: { ...headers, 'content-length': Buffer.byteLength(body), 'user-agent': 'perennial-webhooks' },
      // A connection that is kept would be one to an address that was checked long ago.
      agent: false,
      ...connection,
      ...(ca === undefined ? {} : { ca }),
    });
    request.on('error', reject);
    request.on('response', (response) => readAnswer(response).then(resolve, reject));
    request.end(body);
  });
}
