import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openFlightArchive } from '../../../../local/tour/flight-archive.ts';

/** Date, delay, distance, origin, destination. */
type Row = readonly [string, number, number, string, string];

const ROWS: readonly Row[] = [
  // 60 minutes on the way and 20 late: down in ORD at 09:20.
  ['2001-01-02 08:00:00', 20, 240, 'SFO', 'ORD'],
  ['2001-01-02 09:00:00', 3, 240, 'ORD', 'SFO'],
  ['2001-01-02 09:25:00', 3, 240, 'ORD', 'SFO'],
  ['2001-01-02 09:30:00', 16, 240, 'ORD', 'SFO'],
  ['2001-01-02 13:00:00', 15, 240, 'ORD', 'SFO'],
];

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flights-'));
});

afterAll(() => rm(folder, { recursive: true }));

async function readArchive(rows: readonly Row[]) {
  const file = join(folder, `${rows.length}.parquet`);
  const database = await (await DuckDBInstance.create(':memory:')).connect();
  const values = rows.map(([date, ...rest]) => `(TIMESTAMP '${date}', ${toSql(rest)})`).join(', ');
  const names = 'flights(date, delay, distance, origin, destination)';
  await database.run(`COPY (SELECT * FROM (VALUES ${values}) ${names}) TO '${file}' (FORMAT parquet)`);
  const archive = await openFlightArchive(file);
  const flights = await archive.read({ from: '01-01', to: '02-01', oneIn: 1 });
  archive.close();
  return flights;
}

function toSql(values: readonly (number | string)[]): string {
  return values.map((value) => (typeof value === 'number' ? value : `'${value}'`)).join(', ');
}

describe('openFlightArchive', () => {
  it('tells a departure the delay of a flight only after that flight has landed', async () => {
    const flights = await readArchive(ROWS);

    const inbound = flights.filter(({ origin }) => origin === 'ORD').map(({ inboundDelay }) => inboundDelay);
    expect(inbound).toEqual([null, null, 20, null]);
  });

  it('calls a flight late from the sixteenth minute on', async () => {
    const flights = await readArchive(ROWS);

    expect(flights.map(({ late }) => late)).toEqual([1, 0, 0, 1, 0]);
  });

  it('gives a flight the same features when the flights after it never happen', async () => {
    const all = await readArchive(ROWS);
    const cut = await readArchive(ROWS.slice(0, 4));

    expect(all.slice(0, 4)).toEqual(cut);
  });
});
