import { readFileSync } from 'node:fs';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { UsageError } from '../errors.ts';

/** How the MLflow server that is not the platform is reached. */
export interface OtherServer {
  readonly uri: string;
  readonly authorization?: string | undefined;
}

export interface OtherServerFlags {
  readonly serverToken?: string | undefined;
  readonly serverUsername?: string | undefined;
  readonly serverPassword?: string | undefined;
}

/**
 * Flags, then PERENNIAL_MLFLOW_*, then user and password inside of the address, then MLflow's own variables, but
 * those only when MLFLOW_TRACKING_URI is that very server: whoever works with the platform by MLflow's client has
 * the platform's token in them, and another server must not get it.
 */
export function findOtherServer(
  address: string,
  flags: OtherServerFlags,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): OtherServer {
  const url = parseAddress(address);
  const [inUser, inPassword] = [decodeURIComponent(url.username), decodeURIComponent(url.password)];
  url.username = '';
  url.password = '';
  const uri = url.href.replace(/\/+$/, '');
  const isMlflows = (environment.MLFLOW_TRACKING_URI ?? '').replace(/\/+$/, '') === uri;
  const mlflows = (name: string) => (isMlflows ? environment[`MLFLOW_TRACKING_${name}`] : undefined);
  const ours = (name: string) => environment[`PERENNIAL_MLFLOW_${name}`];
  const user = flags.serverUsername ?? ours('USERNAME') ?? (inUser || mlflows('USERNAME'));
  const password = flags.serverPassword ?? ours('PASSWORD') ?? (inPassword || mlflows('PASSWORD'));
  const token = flags.serverToken ?? ours('TOKEN') ?? (user === undefined ? mlflows('TOKEN') : undefined);
  if (token !== undefined) return { uri, authorization: `Bearer ${token}` };
  if (user === undefined) return { uri };
  const pair = Buffer.from(`${user}:${password ?? ''}`).toString('base64');
  return { uri, authorization: `Basic ${pair}` };
}

function parseAddress(address: string): URL {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url !== undefined && /^https?:$/.test(url.protocol)) return url;
  throw new UsageError(
    `'${address}' is not the address of an MLflow server (http:// or https://). For a folder or a database run ` +
      '`mlflow server --backend-store-uri …` beside it.',
  );
}

/** Trusts the authority that signed the other server's certificate, beside those of the system. */
export function trustAuthority(file: string): void {
  let certificate: string;
  try {
    certificate = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new UsageError(`The certificates in ${file} cannot be read.`, { cause });
  }
  setDefaultCACertificates([...getCACertificates('default'), certificate]);
}
