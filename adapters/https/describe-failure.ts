const SENTENCES: Readonly<Record<string, (host: string) => string>> = {
  ENOTFOUND: (host) => `The name '${host}' could not be resolved.`,
  EAI_AGAIN: (host) => `The name '${host}' could not be resolved for now.`,
  ECONNREFUSED: (host) => `'${host}' refused the connection.`,
  ECONNRESET: (host) => `'${host}' ended the connection.`,
  EHOSTUNREACH: (host) => `There is no way to '${host}'.`,
  ENETUNREACH: (host) => `There is no way to '${host}'.`,
  CERT_HAS_EXPIRED: (host) => `The certificate of '${host}' has expired.`,
  ERR_TLS_CERT_ALTNAME_INVALID: (host) => `The certificate is not for '${host}'.`,
};

/** Why a call got no answer, in words that show nothing of this side but an error's code. */
export function describeFailure(error: unknown, host: string, timeoutMs: number): string {
  if (isTimeout(error)) return `'${host}' did not answer within ${timeoutMs / 1000} s.`;
  const code = codeOf(error);
  if (code === undefined) return `The call of '${host}' failed.`;
  if (/^(?:DEPTH_ZERO_)?SELF_SIGNED|^UNABLE_TO_/.test(code)) {
    return `The certificate of '${host}' is not from an authority that is trusted (${code}).`;
  }
  return SENTENCES[code]?.(host) ?? `The call of '${host}' failed (${code}).`;
}

function isTimeout(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { name, cause } = error;
  return name === 'TimeoutError' || (name === 'AbortError' && cause instanceof Error && isTimeout(cause));
}

/** An error about several addresses has those of each inside. */
function codeOf(error: unknown): string | undefined {
  const { code, errors } = (error ?? {}) as { code?: unknown; errors?: readonly unknown[] };
  if (typeof code === 'string') return code;
  return errors === undefined ? undefined : codeOf(errors[0]);
}
