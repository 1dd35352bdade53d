import { type CallContext, isoTime } from '../shared/call-context.ts';
import type { Store } from '../shared/store.ts';
import type { StageChange } from './change-stage.ts';
import { getModelItem } from './model-records.ts';
import type { Stage } from './shapes.ts';
import type { History } from './version-shapes.ts';

const PAGE = 1000;

/** What was in each stage at a time (default: now), with the changes until then, newest first. */
export async function getModelHistory(
  store: Store,
  context: CallContext,
  name: string,
  at: string = isoTime(context),
): Promise<History> {
  const model = await getModelItem(store, context.tenant, name);
  const changes = await listChanges(store, context.tenant, model.value.id, at);
  const stageOf = new Map<number, Stage>();
  for (const { version, to } of changes) stageOf.set(version, to);
  const inStage = (stage: Stage) =>
    [...stageOf.keys()].filter((version) => stageOf.get(version) === stage).sort((a, b) => b - a);
  const stages = {
    staging: inStage('staging'),
    production: inStage('production'),
    archived: inStage('archived'),
  };
  return { model: name, at, stages, changes: changes.toReversed() };
}

async function listChanges(
  store: Store,
  tenant: string,
  modelId: string,
  at: string,
): Promise<StageChange[]> {
  const changes: StageChange[] = [];
  let cursor: string | undefined;
  do {
    const page = await store.listParts<StageChange>({ tenant, kind: 'model', id: modelId }, 'stage#', {
      limit: PAGE,
      cursor,
      ascending: true,
      // Changes of that very millisecond are included; ids sort below '~'.
      to: `stage#${at}#~`,
    });
    changes.push(...page.items.map((item) => item.value));
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return changes;
}
