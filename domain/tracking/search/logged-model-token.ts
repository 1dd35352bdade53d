import { decodePageToken, refusePageToken } from '../../shared/mlflow/page-token.ts';
import { toPythonText } from '../../shared/mlflow/python-text.ts';
import { InvalidParameterError } from '../errors.ts';
import type { LoggedModelOrderBy } from './logged-model-order.ts';

/** What a page token of logged models is bound to. */
export interface LoggedModelQuery {
  readonly experimentIds: readonly string[];
  readonly filter?: string | undefined;
  readonly orderBy?: readonly LoggedModelOrderBy[] | undefined;
}

/** Where a page starts. */
export interface LoggedModelPosition {
  readonly offset: number;
  /** The model that was read last: a page in the order of storage goes on behind it instead of counting. */
  readonly after?: string | undefined;
}

/** A page token that only continues the same query. */
export function formatLoggedModelToken(query: LoggedModelQuery & LoggedModelPosition): string {
  const { offset, after } = query;
  return Buffer.from(JSON.stringify({ ...toWire(query), offset, after })).toString('base64');
}

/** The start of a page; the first one's without a token. @throws InvalidParameterError for another query's token */
export function parseLoggedModelToken(
  token: string | undefined,
  query: LoggedModelQuery,
): LoggedModelPosition {
  if (token === undefined || token === '') return { offset: 0 };
  const parsed = decodePageToken(token);
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) throw refusePageToken(parsed);
  const held = parsed as Readonly<Record<string, unknown>>;
  const asked = toWire(query);
  const check = (field: keyof typeof asked, words: string) => {
    if (JSON.stringify(held[field] ?? null) === JSON.stringify(asked[field])) return;
    const [shown, found] = [asked[field], held[field]].map((value) =>
      typeof value === 'string' ? value : toPythonText(value),
    );
    throw new InvalidParameterError(`${words}. Expected: ${shown}. Found: ${found}`);
  };
  check('experiment_ids', 'Experiment IDs in the page token do not match the requested experiment IDs');
  check('filter_string', 'Filter string in the page token does not match the requested filter string');
  check('order_by', 'Order by in the page token does not match the requested order by');
  const offset = typeof held.offset === 'number' && held.offset >= 0 ? Math.trunc(held.offset) : 0;
  return { offset, after: typeof held.after === 'string' ? held.after : undefined };
}

function toWire({ experimentIds, filter, orderBy }: LoggedModelQuery) {
  return {
    experiment_ids: experimentIds,
    filter_string: filter || null,
    order_by:
      orderBy === undefined || orderBy.length === 0
        ? null
        : orderBy.map(({ field_name, ascending = true, dataset_name, dataset_digest }) => ({
            field_name,
            ascending,
            dataset_name: dataset_name || null,
            dataset_digest: dataset_digest || null,
          })),
  };
}
