import type { CallContext } from '../shared/call-context.ts';
import { makeEvent } from '../shared/event.ts';
import type { Store } from '../shared/store.ts';
import { checkIfMatch, committed, putModel, retryWhenConcurrent } from './commit-changes.ts';
import { ModelVersionNotFoundError } from './errors.ts';
import { ModelAliasChanged } from './events.ts';
import { isPrompt } from './mlflow-words.ts';
import { findVersionItem, getModelItem, lookUp, type ModelItem } from './model-records.ts';

/**
 * Points an alias at a version, wherever it pointed before.
 *
 * @throws ModelNotFoundError, ModelVersionNotFoundError, PreconditionFailedError
 */
export async function setModelAlias(
  store: Store,
  context: CallContext,
  name: string,
  { alias, version, ifMatch }: { alias: string; version: string | number; ifMatch?: number | undefined },
): Promise<ModelItem> {
  return retryWhenConcurrent(async () => {
    const item = await getModelItem(store, context.tenant, name);
    checkIfMatch(ifMatch, item.revision);
    const target = await findVersionItem(store, context.tenant, item.value, version);
    if (target === undefined) throw new ModelVersionNotFoundError(name, version);
    if (lookUp(item.value.aliases, alias) === target.value.number) return item;
    const aliases = { ...item.value.aliases, [alias]: target.value.number };
    return commitAliases(store, context, item, { alias, version: target.value.number, aliases });
  });
}

/** Takes an alias away; one that is not there is none. */
export async function deleteModelAlias(
  store: Store,
  context: CallContext,
  name: string,
  { alias, ifMatch }: { alias: string; ifMatch?: number | undefined },
): Promise<ModelItem> {
  return retryWhenConcurrent(async () => {
    const item = await getModelItem(store, context.tenant, name);
    checkIfMatch(ifMatch, item.revision);
    if (lookUp(item.value.aliases, alias) === undefined) return item;
    const { [alias]: _, ...aliases } = item.value.aliases;
    return commitAliases(store, context, item, { alias, version: null, aliases });
  });
}

async function commitAliases(
  store: Store,
  context: CallContext,
  item: ModelItem,
  change: { alias: string; version: number | null; aliases: Readonly<Record<string, number>> },
): Promise<ModelItem> {
  const { alias, version, aliases } = change;
  const put = putModel(item, { aliases });
  const event = makeEvent(ModelAliasChanged, context, {
    resource: `models/${item.value.name}/aliases/${alias}`,
    sequence: item.revision + 1,
    data: { model: item.value.name, alias, version, prompt: isPrompt(item.value.tags) },
    before: { version: lookUp(item.value.aliases, alias) ?? null },
    after: { version },
  });
  await store.commit([put, { emit: event }]);
  return committed(put);
}
