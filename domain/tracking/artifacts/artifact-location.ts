import { InvalidParameterError } from '../errors.ts';
import { LIMITS } from '../validation.ts';

/** Schemes whose last path segment may have `;parameters`, for Python's `urlparse`. */
const WITH_PARAMETERS = [
  '',
  'ftp',
  'hdfs',
  'http',
  'https',
  'sftp',
  'rtsp',
  'rtsps',
  'sip',
  'sips',
  'mms',
  'tel',
];

/** The address that an experiment's artifacts are to lie at. @throws InvalidParameterError as MLflow does */
export function checkArtifactLocation(location: string): void {
  const [, scheme = '', path = '', query = '', fragment = ''] =
    /^(?:([a-zA-Z][\w+.-]*):)?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s.exec(location) ?? [];
  const parameters = WITH_PARAMETERS.includes(scheme.toLowerCase())
    ? /;(.+)$/.exec(path.slice(path.lastIndexOf('/') + 1))?.[1]
    : undefined;
  if (fragment !== '' || parameters !== undefined) {
    throw new InvalidParameterError("'artifact_location' URL can't include fragments or params.");
  }
  if (decodeAll(query).includes('..')) throw new InvalidParameterError('Invalid query string');
  if (location.startsWith('runs:')) {
    throw new InvalidParameterError(`Artifact location cannot be a runs:/ URI. Given: '${location}'`);
  }
  if (location.length > LIMITS.artifactLocationLength) {
    throw new InvalidParameterError(
      `Invalid artifact path length. The length of the artifact path cannot be greater than ${LIMITS.artifactLocationLength} characters.`,
    );
  }
}

/** Escapes of escapes are seen through, ten deep as MLflow does. */
function decodeAll(text: string): string {
  let decoded = text;
  for (let round = 0; round < 10; round++) {
    try {
      decoded = decodeURIComponent(decoded);
    } catch {
      // A stray percent sign is no escape; what is decoded so far is judged.
      return decoded;
    }
  }
  return decoded;
}
