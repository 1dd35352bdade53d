import type { CallContext } from '../../shared/call-context.ts';
import { InvalidParameterError } from '../errors.ts';

/** MLflow's server gives up there, too: https://github.com/mlflow/mlflow/blob/master/mlflow/utils/uri.py */
const MAX_DECODINGS = 10;
const PROXY_ANCHOR = '/api/2.0/mlflow-artifacts/artifacts/';

/** Where a tenant's artifact lies: the tenant is in front of every key, so no path leads to another's. */
export function toArtifactKey(context: Pick<CallContext, 'tenant'>, path: string): string {
  return `tenants/${context.tenant}/experiments/${checkArtifactPath(path)}`;
}

/** The path below `mlflow-artifacts:/` of an artifact of a run or a logged model. */
export function toRunArtifactPath(artifactUri: string, path: string | undefined): string {
  const root = findProxiedPath(artifactUri) ?? artifactUri;
  return path === undefined || path === '' ? root : joinPath(root, path);
}

/** The path that the artifact proxy knows a location under; undefined when it lies somewhere else. */
export function findProxiedPath(artifactUri: string): string | undefined {
  // A query string belongs to no path: MLflow's server reads none either.
  const [location = ''] = artifactUri.split(/[?#]/);
  const proxied = /^mlflow-artifacts:(?:\/\/[^/]*)?\/*(.*)$/.exec(location)?.[1];
  if (proxied !== undefined) return proxied;
  const anchor = /^https?:/.test(location) ? location.indexOf(PROXY_ANCHOR) : -1;
  return anchor < 0 ? undefined : location.slice(anchor + PROXY_ANCHOR.length);
}

/** Both, with one slash between them; an empty part adds none. */
export function joinPath(folder: string, path: string): string {
  return [folder, path].filter((part) => part !== '').join('/');
}

export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/**
 * The path as MLflow's server takes it: decoded as often as it was encoded, without empty segments.
 *
 * @throws InvalidParameterError for paths that are absolute, climb, or hide doing so in escapes
 */
export function checkArtifactPath(path: string): string {
  const decoded = decode(path);
  const parts = decoded.split(/[/\\]/);
  const climbs = parts.some((part) => part === '..' || part === '.');
  const isAbsolute = /^(?:[a-z]:)?[/\\]|^file:/i.test(decoded);
  if (climbs || isAbsolute || hasControlCharacter(decoded) || decoded.includes('#')) {
    throw new InvalidParameterError('Invalid path');
  }
  return decoded
    .split('/')
    .filter((part) => part !== '')
    .join('/');
}

function hasControlCharacter(text: string): boolean {
  return [...text].some((character) => character < ' ' || character === '\u007f');
}

function decode(path: string): string {
  let text = path;
  for (let i = 0; i < MAX_DECODINGS; i++) {
    const decoded = decodeOnce(text);
    if (decoded === text) return text;
    text = decoded;
  }
  throw new InvalidParameterError('Invalid path');
}

/** A stray percent sign is part of a name, not an escape. */
function decodeOnce(path: string): string {
  return path.replace(/(?:%[0-9a-f]{2})+/gi, (escapes) => {
    const bytes = escapes
      .slice(1)
      .split('%')
      .map((byte) => Number.parseInt(byte, 16));
    return new TextDecoder().decode(Uint8Array.from(bytes));
  });
}
