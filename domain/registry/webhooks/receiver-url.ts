import { InvalidInputError } from '../../shared/domain-error.ts';
import { toPythonText } from '../../shared/mlflow-names.ts';
import type { ReceiverNetwork } from './ports.ts';

/**
 * Refuses what is no public HTTPS address, in MLflow's words. A name that nobody knows yet is taken: each delivery
 * looks again.
 *
 * @throws InvalidInputError
 */
export async function checkReceiverUrl(network: ReceiverNetwork, url: string): Promise<void> {
  const host = readHost(url);
  const forbidden = await network.findForbiddenAddress(host);
  if (forbidden === undefined) return;
  throw new InvalidInputError(
    `Webhook URL must not resolve to a non-public IP address. ${toPythonText(host)} resolves to ${forbidden}.`,
  );
}

function readHost(url: string): string {
  if (url.trim() === '') {
    throw new InvalidInputError(`Webhook URL cannot be empty or just whitespace: ${toPythonText(url)}`);
  }
  const [, scheme = '', authority = ''] = /^(?:([a-z][a-z0-9+.-]*):)?(?:\/\/([^/\\?#]*))?/i.exec(url) ?? [];
  if (authority.includes('[') !== authority.includes(']')) {
    throw new InvalidInputError(`Invalid webhook URL ${toPythonText(url)}: ValueError('Invalid IPv6 URL')`);
  }
  if (scheme.toLowerCase() !== 'https') {
    const found = toPythonText(scheme.toLowerCase());
    throw new InvalidInputError(`Invalid webhook URL scheme: ${found}. Allowed schemes are: https.`);
  }
  if (authority === '')
    throw new InvalidInputError(`Webhook URL must include a hostname: ${toPythonText(url)}`);
  const parsed = parse(url);
  if (parsed.username !== '' || parsed.password !== '') {
    throw new InvalidInputError('Webhook URL must not include credentials; use the secret instead.');
  }
  return hostOf(parsed);
}

function parse(url: string): URL {
  try {
    return new URL(url);
  } catch (cause) {
    throw new InvalidInputError(`Invalid webhook URL ${toPythonText(url)}: it is no URL.`, [], { cause });
  }
}

/** The name or address that is called; an IPv6 address without its brackets. */
export function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, '');
}
