import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryStore } from '../../../../adapters/memory/memory-store.ts';
import { buildDatasetVersion, digestFiles } from '../../../../domain/datasets/build-version.ts';
import { datasetSource } from '../../../../domain/datasets/contract.ts';
import { getDatasetVersion } from '../../../../domain/datasets/dataset-records.ts';
import { UnreadableRowsError } from '../../../../domain/datasets/errors.ts';
import {
  createDataset,
  createDatasetUpload,
  createDatasetVersion,
  listDatasets,
  listDatasetVersions,
} from '../../../../domain/datasets/manage-datasets.ts';
import type { BuildRequest, StoredRows } from '../../../../domain/datasets/ports.ts';
import { toDatasetView, toVersionView } from '../../../../domain/datasets/views.ts';
import { hoursBetween, labelPrefix, rowPrefix } from '../../../../domain/shared/capture-layout.ts';
import { makeTestContext } from '../../../support/call-context.ts';

const context = makeTestContext();
const source = { kind: 'upload' as const, uploadId: 'upl_01ARYZ6S410000000000000000' };
const stored: StoredRows = {
  rows: 2,
  columns: [{ name: 'x', kind: 'numeric', missing: 0 }],
  files: [{ path: 'rows.parquet', bytes: 10, sha256: 'ab' }],
  profile: { schemaVersion: 1, rows: 2, columns: [] },
};
let store: MemoryStore;
let started: BuildRequest[];
let builder: { start: (request: BuildRequest) => Promise<void> };

beforeEach(async () => {
  store = new MemoryStore();
  started = [];
  builder = { start: async (request) => void started.push(request) };
  await createDataset(store, context, { name: 'flights', description: '', tags: {} });
});

const build = (rows: () => Promise<StoredRows>, version = 1) =>
  buildDatasetVersion({ store, rows: { store: rows } }, context, 'flights', version);

describe('a dataset', () => {
  it('has one winner for its name and is its tenant’s', async () => {
    const again = createDataset(store, context, { name: 'flights', description: '', tags: {} });

    await expect(again).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
    await expect(listDatasetVersions(store, 'other', 'flights', { limit: 1 })).rejects.toMatchObject({
      status: 404,
    });
    const [listed] = (await listDatasets(store, 'acme', { limit: 10 })).items;
    expect(listed && toDatasetView(listed)).toMatchObject({ name: 'flights', latestVersion: 0, revision: 1 });
  });

  it('gives presigned targets below the tenant', async () => {
    const keys: string[] = [];
    const targets = {
      presignPut: async (key: string) => {
        keys.push(key);
        return { url: 'https://s3/x', headers: {} };
      },
    };

    const upload = await createDatasetUpload({ store, targets }, context, 'flights', [{ path: 'a.parquet' }]);

    expect(keys).toEqual([`tenants/acme/uploads/${upload.id}/a.parquet`]);
    expect(upload.targets[0]).toMatchObject({ path: 'a.parquet', method: 'PUT' });
  });
});

describe('a dataset version', () => {
  it('starts pending, counted up, with its rows asked for', async () => {
    const versions = await Promise.all(
      [1, 2, 3].map(() => createDatasetVersion({ store, builder }, context, 'flights', source)),
    );

    expect(versions.map(({ version }) => version).sort()).toEqual([1, 2, 3]);
    expect(versions[0]?.status).toBe('PENDING');
    expect(started.map(({ tenant, dataset }) => [tenant, dataset])).toEqual(
      Array(3).fill(['acme', 'flights']),
    );
  });

  it('is ready once its rows are stored, and tells so once', async () => {
    await createDatasetVersion({ store, builder }, context, 'flights', source);

    const first = await build(async () => stored);
    const second = await build(async () => {
      throw new Error('must not be read again');
    });

    expect(first).toMatchObject({ status: 'READY', rows: 2, digest: digestFiles(stored.files) });
    expect(second).toEqual(first);
    expect(store.events.map(({ detailType }) => detailType)).toEqual([
      'DatasetCreated',
      'DatasetVersionCreated',
    ]);
    const latest = await getDatasetVersion(store, 'acme', 'flights', 'latest');
    expect(toVersionView(latest, 'bucket').uri).toBe('s3://bucket/tenants/acme/datasets/flights/versions/1/');
  });

  it('is refused with the reason when its files are no table', async () => {
    await createDatasetVersion({ store, builder }, context, 'flights', source);

    const refused = await build(async () => {
      throw new UnreadableRowsError('a.csv: not readable as CSV.');
    });

    expect(refused).toMatchObject({ status: 'REFUSED', reasons: ['a.csv: not readable as CSV.'] });
    const item = await getDatasetVersion(store, 'acme', 'flights', 1);
    expect(toVersionView(item, 'bucket')).not.toHaveProperty('uri');
  });

  it('stays pending when the platform fails, so that the repeat may succeed', async () => {
    await createDatasetVersion({ store, builder }, context, 'flights', source);

    await expect(build(async () => Promise.reject(new TypeError('network')))).rejects.toThrow('network');

    expect((await getDatasetVersion(store, 'acme', 'flights', 1)).value.status).toBe('PENDING');
    await expect(getDatasetVersion(store, 'acme', 'flights', 9)).rejects.toThrow(
      "No dataset version 'flights/9'",
    );
  });

  it('has a digest that depends on content and names, not on their order', () => {
    const [a, b] = [
      { path: 'a', bytes: 1, sha256: '1' },
      { path: 'b', bytes: 1, sha256: '2' },
    ];

    expect(digestFiles([a, b])).toBe(digestFiles([b, a]));
    expect(digestFiles([a])).not.toBe(digestFiles([b]));
  });

  it('may come from captures, with a name for the time of the request', () => {
    const captures = {
      kind: 'captures',
      endpoint: 'flights',
      from: '2026-01-01T00:00:00.000Z',
      to: '2026-01-02T00:00:00.000Z',
      label: 'late',
    };

    expect(datasetSource.parse(captures)).toMatchObject({ timeColumn: 'capturedAt' });
  });
});

describe('the capture layout', () => {
  const endpoint = { tenant: 'acme', endpoint: 'flights' };
  const at = Date.UTC(2026, 0, 2, 3, 59);

  it('partitions by tenant, endpoint and hour', () => {
    expect(rowPrefix(endpoint, at)).toBe('captures/tenant=acme/endpoint=flights/date=2026-01-02/hour=03/');
    expect(labelPrefix(endpoint, at)).toBe('labels/tenant=acme/endpoint=flights/date=2026-01-02/hour=03/');
  });

  it('finds every hour that a window touches', () => {
    expect(hoursBetween(at, at + 120_000).map((hour) => new Date(hour).toISOString().slice(11, 13))).toEqual([
      '03',
      '04',
    ]);
    expect(hoursBetween(at, at - 1_000_000_000)).toEqual([]);
  });
});
