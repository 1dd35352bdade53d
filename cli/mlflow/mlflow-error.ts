/** What an MLflow server refused, by its status and code. */
export class MlflowError extends Error {
  override readonly name = 'MlflowError';
  readonly status: number;
  readonly code: string;

  constructor(message: string, status: number, code: string) {
    super(message);
    this.status = status;
    this.code = code;
  }

  /** The server, being older or another product, does not have the endpoint. */
  get isEndpointAbsent(): boolean {
    return this.code === 'ENDPOINT_NOT_FOUND' || this.status === 405 || this.status === 501;
  }

  get isAbsent(): boolean {
    return this.status === 404 && !this.isEndpointAbsent;
  }

  /** The whole move cannot go on: nothing else would be answered either. A 500 may be about one object. */
  get concernsServer(): boolean {
    return [401, 408, 429, 502, 503, 504].includes(this.status);
  }

  /** Nobody knows whether the request was carried out. */
  get isAmbiguous(): boolean {
    return this.status >= 500 || this.status === 408;
  }
}

/** No answer at all, however often asked. */
export class MlflowUnreachableError extends Error {
  override readonly name = 'MlflowUnreachableError';

  constructor(url: URL, options: ErrorOptions) {
    const reason = options.cause instanceof Error ? describeCause(options.cause) : String(options.cause);
    super(`${url.origin} does not answer: ${reason}.`, options);
  }
}

/** fetch says 'fetch failed' and keeps the reason as the cause. */
function describeCause(error: Error): string {
  const { cause } = error as { cause?: unknown };
  const reason = cause instanceof Error ? cause.message || ((cause as { code?: string }).code ?? '') : '';
  return reason === '' ? error.message : reason;
}

/** MLflow's JSON, or whatever a proxy in front of it says. */
export async function readMlflowError(response: Response, url: URL): Promise<MlflowError> {
  const text = await response.text().catch(() => '');
  const where = `${response.status} from ${url.origin}${url.pathname}`;
  try {
    const body = JSON.parse(text) as { error_code?: string; message?: string; detail?: string };
    const code = body.error_code ?? String(response.status);
    const said = body.message ?? body.detail;
    // Of its own faults a server says nothing; the route at least tells where to look.
    const message = said === undefined ? where : response.status < 500 ? said : `${where}: ${said}`;
    return new MlflowError(message, response.status, code);
  } catch {
    // A 404 that is not JSON is how MLflow's servers say that they have no such endpoint.
    const code = response.status === 404 ? 'ENDPOINT_NOT_FOUND' : String(response.status);
    const said = text.startsWith('<') ? '' : `: ${text.slice(0, 200)}`;
    return new MlflowError(`${where}${said}`, response.status, code);
  }
}
