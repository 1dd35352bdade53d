import type { Store } from '../shared/store.ts';
import type { TrainingDataset, TrainingDatasets } from '../training/ports.ts';
import {
  type DatasetVersion,
  datasetKey,
  getDataset,
  getDatasetVersion,
  VERSION_PREFIX,
} from './dataset-records.ts';
import { addPendingVersion } from './manage-datasets.ts';

/** Versions read at once while looking for the newest that is READY: refused ones in a row are few. */
const PAGE = 20;

/** The datasets of the platform's store, as training reads and extends them. */
export function createTrainingDatasets(store: Store): TrainingDatasets {
  const findReadyBefore = (tenant: string, dataset: string, before: number) =>
    findReady(store, tenant, dataset, before);
  return {
    findReadyBefore,
    find: async (tenant, dataset, version) => {
      // `latest` is the newest that can be trained on; one that is still read may be refused yet.
      if (version === 'latest') return findReadyBefore(tenant, dataset, Number.POSITIVE_INFINITY);
      const item = await getDatasetVersion(store, tenant, dataset, version);
      return toTrainingDataset(item.value);
    },
    addCaptures: async (context, dataset, { append, ...request }) => {
      const last = append
        ? await findReadyBefore(context.tenant, dataset, Number.POSITIVE_INFINITY)
        : undefined;
      const source = { kind: 'captures' as const, ...request };
      const appended = last === undefined ? source : { ...source, appendTo: last.version };
      return (await addPendingVersion(store, context, dataset, appended)).version;
    },
  };
}

async function findReady(
  store: Store,
  tenant: string,
  dataset: string,
  before: number,
): Promise<TrainingDataset | undefined> {
  await getDataset(store, tenant, dataset);
  let cursor: string | undefined;
  do {
    const page = await store.listParts<DatasetVersion>(datasetKey(tenant, dataset), VERSION_PREFIX, {
      limit: PAGE,
      cursor,
    });
    const found = page.items.find(({ value }) => value.status === 'READY' && value.version < before);
    if (found !== undefined) return toTrainingDataset(found.value);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return undefined;
}

function toTrainingDataset(value: DatasetVersion): TrainingDataset {
  const { dataset, version, status, reasons, prefix, digest, rows, columns = [] } = value;
  return { dataset, version, status, reasons, prefix, digest, rows, columns };
}
