export type Json = Readonly<Record<string, unknown>>;

/** One call of MLflow's REST API; texts in it may hold ids as placeholders (`@run1`). */
export interface Call {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Below `/api/2.0/mlflow/`. */
  readonly path: string;
  /** The body, or the query of a GET. */
  readonly input: Json;
  /** The placeholder that the answer gives a meaning to, and where in the answer its id is. */
  readonly binds?: { readonly name: string; readonly at: readonly string[] };
  /** Told what MLflow's server answered, when it was 200. */
  readonly onSuccess?: (answer: Json) => void;
}

export interface Answer {
  readonly status: number;
  readonly body: Json;
}

/** A server with what the placeholders mean there. */
export interface Target {
  readonly origin: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly ids: Map<string, string>;
}

/** Sends a call with the target's own ids, and learns the id that the answer gives. */
export async function send(target: Target, call: Call): Promise<Answer> {
  const input = replaceTexts(call.input, (text) =>
    text.replace(/@[a-z]+\d+/g, (name) => target.ids.get(name) ?? name),
  ) as Json;
  const isGet = call.method === 'GET';
  const response = await fetch(
    `${target.origin}/api/2.0/mlflow/${call.path}${isGet ? `?${toQuery(input)}` : ''}`,
    {
      method: call.method,
      headers: { ...target.headers, ...(isGet ? {} : { 'content-type': 'application/json' }) },
      ...(isGet ? {} : { body: JSON.stringify(input) }),
    },
  );
  const text = await response.text();
  const body = response.headers.get('content-type')?.includes('json') ? JSON.parse(text) : { text };
  if (call.binds !== undefined && response.status === 200) {
    const id = call.binds.at.reduce<unknown>((value, key) => (value as Json | undefined)?.[key], body);
    if (typeof id === 'string') target.ids.set(call.binds.name, id);
  }
  return { status: response.status, body };
}

function toQuery(input: Json): URLSearchParams {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(input)) {
    for (const each of Array.isArray(value) ? value : [value]) query.append(name, toText(each));
  }
  return query;
}

function toText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** The same value with all its texts changed. */
export function replaceTexts(
  value: unknown,
  change: (text: string, key?: string) => string,
  key?: string,
): unknown {
  if (typeof value === 'string') return change(value, key);
  if (Array.isArray(value)) return value.map((each) => replaceTexts(each, change, key));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [name, replaceTexts(each, change, name)]),
  );
}
