/** An address below another one; a query string stays behind the path, as MLflow keeps it. */
export function toArtifactUri(location: string, path: string): string {
  const [, root = '', query = ''] = /^([^?]*)(\?.*)?$/s.exec(location) ?? [];
  return `${root.replace(/\/+$/, '')}/${path}${query}`;
}
