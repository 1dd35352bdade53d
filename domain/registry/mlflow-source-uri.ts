import { InvalidInputError } from '../shared/domain-error.ts';

/** A source taken apart as Python's urlparse does it. */
export interface SourceUri {
  /** In lower case; empty for a path. */
  readonly scheme: string;
  readonly authority: string;
  readonly path: string;
}

/** Schemes whose address names a host that a server would connect to; MLflow's server refuses them. */
const HOST_SCHEMES: ReadonlySet<string> = new Set([
  'ftp',
  'sftp',
  'hdfs',
  'viewfs',
  'http',
  'https',
  'r2',
  'b2',
  'abfss',
]);

const MAX_NESTING = 50;

export function parseSourceUri(source: string): SourceUri {
  const [, scheme = '', rest = ''] = /^(?:([a-zA-Z][a-zA-Z0-9+.-]*):)?(.*)$/s.exec(source) ?? [];
  const [, authority = '', path = ''] = /^(?:\/\/([^/?#]*))?([^?#]*)/s.exec(rest) ?? [];
  return { scheme: scheme.toLowerCase(), authority, path };
}

/** A bare path or a `file:` address: files of the machine that called, which no other machine has. */
export function isLocalSource({ scheme }: SourceUri): boolean {
  return scheme === '' || scheme === 'file';
}

/**
 * What every source must hold, whoever owns it.
 *
 * @throws InvalidInputError for addresses of other hosts and for those that climb out of their folder
 */
export function checkSourceUri(source: string): SourceUri {
  const uri = parseSourceUri(source);
  const namesHost = uri.scheme === 'mlflow-artifacts' && uri.authority !== '';
  if (namesHost || HOST_SCHEMES.has(uri.scheme)) {
    throw new InvalidInputError(
      `'source' cannot use the '${uri.scheme}' scheme: the '${uri.scheme}' scheme addresses a host other than the ` +
        "tracking server's configured artifact storage, so the server would connect to the host named in the URI. " +
        'Log the model to a run of this server, and register runs:/<run id>/<path>.',
    );
  }
  if (!isLocalSource(uri)) refuseRelative(source);
  return uri;
}

function refuseRelative(source: string): void {
  const decoded = decodeFully(source.replaceAll('+', ' '));
  const path = parseSourceUri(decoded).path.replace(/\/+$/, '');
  const segments = path.split('/');
  const climbs = decoded.split('/').includes('..') || segments.includes('.') || path.includes('\0');
  if (!climbs && path.startsWith('/')) return;
  throw new InvalidInputError(
    `Invalid model version source: '${source}'. If supplying a source as an http, https, local file path, ftp, ` +
      'objectstore, or mlflow-artifacts uri, an absolute path must be provided without relative path references ' +
      'present. Please provide an absolute path.',
  );
}

/** Escapes of escapes, until none is left. */
export function decodeFully(text: string): string {
  let decoded = text;
  for (let round = 0; round < MAX_NESTING; round++) {
    const next = decodeOnce(decoded);
    if (next === decoded) return decoded;
    decoded = next;
  }
  // Nobody nests escapes so deeply but to hide something: `..` has it refused.
  return '..';
}

function decodeOnce(text: string): string {
  // A stray percent sign is part of a name, not an escape.
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (escapes) => {
    return Buffer.from(escapes.replaceAll('%', ''), 'hex').toString();
  });
}

/** What a `models:` address names: a logged model, or a version by number, stage or alias. */
export type ModelsUri =
  | { readonly modelId: string }
  | { readonly name: string; readonly version: string }
  | { readonly name: string; readonly alias: string }
  /** Without a stage the newest version of all. */
  | { readonly name: string; readonly stage: string | undefined };

/** Undefined when it has none of MLflow's forms. */
export function parseModelsUri({ path }: SourceUri): ModelsUri | undefined {
  if (!path.startsWith('/')) return undefined;
  const [name = '', suffix, ...more] = path.replace(/^\/+/, '').split('/');
  if (name.trim() === '' || more.length > 0) return undefined;
  if (suffix !== undefined) {
    if (suffix.trim() === '') return undefined;
    if (/^\d+$/.test(suffix)) return { name, version: suffix };
    return { name, stage: suffix.toLowerCase() === 'latest' ? undefined : suffix };
  }
  const at = name.lastIndexOf('@');
  if (at < 0) return { modelId: name };
  const alias = name.slice(at + 1);
  return alias.trim() === '' ? undefined : { name: name.slice(0, at), alias };
}

/** The run and the path among its artifacts, without slashes around it; undefined for other forms. */
export function parseRunsUri({
  path,
}: SourceUri): { readonly runId: string; readonly path: string } | undefined {
  const [empty, runId = '', ...rest] = path.split('/');
  if (empty !== '' || runId === '') return undefined;
  return { runId, path: rest.filter((part) => part !== '').join('/') };
}
