import { describe, expect, it } from 'vitest';
import { createRowStorage, readVersionRows } from '../../../../adapters/duckdb/row-storage.ts';
import { MemoryArtifactStorage } from '../../../../adapters/memory/memory-artifact-storage.ts';
import { type DatasetSource, makePendingVersion } from '../../../../domain/datasets/dataset-records.ts';
import { labelPrefix, rowPrefix } from '../../../../domain/shared/capture-layout.ts';
import { cellOf, getColumn } from '../../../../domain/shared/table.ts';
import { makeTestContext, NOON_MS } from '../../../support/call-context.ts';

const context = makeTestContext();
const endpoint = { tenant: 'acme', endpoint: 'shop' };

/** Rows with their labels, of which the last one's has not come. */
async function capture(storage: MemoryArtifactStorage, fromMs: number, hours: readonly number[]) {
  const rows = hours.map((hour, i) => {
    const features = { hour, city: hour > 11 ? 'Oslo' : null };
    return { predictionId: `p${fromMs}-${i}`, row: 0, at: fromMs + i, version: 1, features, prediction: 0 };
  });
  const labels = rows.slice(0, -1).map(({ predictionId }, i) => {
    return { predictionId, row: 0, value: i % 2, receivedAt: fromMs + 100 };
  });
  await storage.write(`${rowPrefix(endpoint, fromMs)}a.jsonl`, toLines(rows));
  await storage.write(`${labelPrefix(endpoint, fromMs)}a.jsonl`, toLines(labels));
}

function toLines(values: readonly object[]): Uint8Array {
  return Buffer.from(values.map((value) => `${JSON.stringify(value)}\n`).join(''));
}

function makeVersion(version: number, fromMs: number, appendTo?: number) {
  const window = { from: new Date(fromMs).toISOString(), to: new Date(fromMs + 1000).toISOString() };
  const source: DatasetSource = {
    kind: 'captures',
    endpoint: 'shop',
    label: 'late',
    timeColumn: 'date',
    ...window,
    ...(appendTo === undefined ? {} : { appendTo }),
  };
  return makePendingVersion(context, 'flights', version, source);
}

describe('a version of captured rows', () => {
  it('holds the rows with a label in time order, after those of the version that it is appended to', async () => {
    const [datasets, captures] = [new MemoryArtifactStorage(), new MemoryArtifactStorage()];
    const storage = createRowStorage({ datasets, captures });
    const [early, late] = [NOON_MS - 7_200_000, NOON_MS - 3_600_000];
    await capture(captures, early, [12, 11, 10]);
    await capture(captures, late, [9, 8, 7, 6]);
    const [first, second] = [makeVersion(1, early), makeVersion(2, late, 1)];

    const before = await storage.store(context, first);
    const after = await storage.store(context, second);

    expect(before).toMatchObject({ rows: 2, coverage: { captured: 3, labelled: 2 } });
    expect(after).toMatchObject({ rows: 5, coverage: { captured: 4, labelled: 3 } });
    const table = await readVersionRows(datasets, second);
    const read = (name: string) => [0, 1, 2, 3, 4].map((row) => cellOf(getColumn(table, name), row));
    expect(read('hour')).toEqual([12, 11, 9, 8, 7]);
    expect(read('late')).toEqual([0, 1, 0, 1, 0]);
    expect(read('date')).toEqual([early, early + 1, late, late + 1, late + 2]);
  });

  it('holds a row once when its window overlaps that of the version before', async () => {
    const [datasets, captures] = [new MemoryArtifactStorage(), new MemoryArtifactStorage()];
    const storage = createRowStorage({ datasets, captures });
    const early = NOON_MS - 7_200_000;
    await capture(captures, early, [12, 11, 10]);
    await storage.store(context, makeVersion(1, early));

    const again = await storage.store(context, makeVersion(2, early, 1));

    expect(again.rows).toBe(2);
  });
});
