import type { FilledServer } from './fill-tracking-server.ts';
import type { PageCall } from './page-server.ts';
import { isAbsent } from './ui-pages.ts';

/** A call of MLflow's UI, and what MLflow's own server answered; run ids are `{run0}`, times are `<time>`. */
export interface RecordedCall {
  readonly page: string;
  readonly method: string;
  readonly path: string;
  readonly body: string;
  readonly status: number;
  /** JSON, or the text of anything else; null where the platform answers nothing. */
  readonly answer: unknown;
}

/** A call as it can be kept: without what differs from one filling of a server to the next. */
export function toRecordedCall(page: string, call: PageCall, filled: FilledServer): RecordedCall {
  const { method, status } = call;
  const [path, body] = [hideIds(call.path, filled), hideIds(call.body, filled)];
  const answer = isAbsent(call) ? null : toComparable(call.answer, filled);
  return { page, method, path, body, status, answer };
}

/** An answer of which only what is the same on every server is left; lists by key are in the order of keys. */
export function toComparable(answer: string, filled: FilledServer): unknown {
  const text = hideIds(answer, filled);
  try {
    return simplify(JSON.parse(text));
  } catch {
    return text;
  }
}

/** The call's text for another server that was filled alike. */
export function showIds(text: string, { runIds }: FilledServer): string {
  return runIds.reduce((shown, id, index) => shown.replaceAll(`{run${index}}`, id), text);
}

function hideIds(text: string, { runIds }: FilledServer): string {
  return runIds.reduce((hidden, id, index) => hidden.replaceAll(id, `{run${index}}`), text);
}

function simplify(value: unknown): unknown {
  if (Array.isArray(value)) return sortByKey(value.map(simplify));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, simplify(part)]));
  }
  return /^1\d{12}$/.test(String(value)) ? '<time>' : value;
}

function sortByKey(list: readonly unknown[]): unknown[] {
  const keyOf = (item: unknown) => (item as { key?: string } | null)?.key ?? '';
  return list.toSorted((a, b) => keyOf(a).localeCompare(keyOf(b)));
}
