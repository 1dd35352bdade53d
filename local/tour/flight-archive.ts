import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { LocalCloudError } from '../errors.ts';
import type { Flight } from './flight.ts';
import { RecentDelays, SLOT_MINUTES } from './recent-delays.ts';

/** Three million US flights, January to June 2001: the package `vega-datasets` carries them. */
const ARCHIVE = join(import.meta.dirname, '../../node_modules/vega-datasets/data/flights-3m.parquet');

const FIRST_DAY_SECONDS = Date.UTC(2001, 0, 1) / 1000;
const SLOTS = (181 * 24 * 60) / SLOT_MINUTES;

/** Flights between the busiest airports: few enough names for every one to have its history. */
const AIRPORTS = 40;

/** Days `from` (included) to `to` (not included) as `MM-DD` of 2001, every n-th flight. */
export interface Period {
  readonly from: string;
  readonly to: string;
  readonly oneIn: number;
}

export interface FlightArchive {
  /** Flights of a period in the order of their departure. */
  read(period: Period): Promise<Flight[]>;
  close(): void;
}

/** Opens the archive and sums up what was known of every airport's delays at any time. */
export async function openFlightArchive(file = ARCHIVE): Promise<FlightArchive> {
  if (!existsSync(file))
    throw new LocalCloudError(`${file} is missing: 'npm ci' installs it with vega-datasets.`);
  const instance = await DuckDBInstance.create(':memory:', { threads: '2' });
  const database = await instance.connect();
  await database.run(selectFlights(file));
  const outbound = await sumLandings(database, 'origin');
  const inbound = await sumLandings(database, 'destination');
  return {
    read: async (period) => {
      const rows = (await database.runAndReadAll(selectPeriod(period))).getRows();
      return rows.map((row) => toFlight(row, outbound, inbound));
    },
    close: () => {
      database.closeSync();
      instance.closeSync();
    },
  };
}

/**
 * The archive holds a flight's scheduled departure and its delay at arrival, and no time of landing: that is
 * taken as half an hour on the ground, 8 miles a minute, and the delay. So a delay is used once it was known.
 */
function selectFlights(file: string): string {
  const landing = `date + to_minutes(CAST(30 + distance / 8 + greatest(delay, -30) AS BIGINT))`;
  const source = `read_parquet('${file.replaceAll("'", "''")}', file_row_number = true)`;
  return `CREATE TABLE flights AS
    WITH busiest AS (SELECT origin FROM ${source} GROUP BY origin ORDER BY count(*) DESC, origin LIMIT ${AIRPORTS})
    SELECT file_row_number AS id, date, delay, distance, origin, destination,
      ${toSlot('date')} AS departureSlot, ${toSlot(landing)} AS landingSlot
    FROM ${source}
    WHERE date < TIMESTAMP '2001-07-01' AND origin IN (FROM busiest) AND destination IN (FROM busiest)`;
}

function toSlot(time: string): string {
  return `CAST(floor((epoch(${time}) - ${FIRST_DAY_SECONDS}) / ${SLOT_MINUTES * 60}) AS INTEGER)`;
}

/** Delays beyond three hours say no more than three hours do, and would carry the mean alone. */
async function sumLandings(database: DuckDBConnection, airport: 'origin' | 'destination') {
  const rows = await database.runAndReadAll(
    `SELECT ${airport}, landingSlot, CAST(count(*) AS INTEGER),
       CAST(sum(least(greatest(delay, -30), 180)) AS DOUBLE)
     FROM flights GROUP BY ALL`,
  );
  const landings = rows.getRows().map(([name, slot, flights, delayMinutes]) => ({
    airport: String(name),
    slot: Number(slot),
    flights: Number(flights),
    delayMinutes: Number(delayMinutes),
  }));
  return new RecentDelays(landings, SLOTS);
}

function selectPeriod({ from, to, oneIn }: Period): string {
  return `SELECT CAST(epoch_ms(date) AS DOUBLE), hour(date), distance, origin, destination, departureSlot,
      delay > 15
    FROM flights
    WHERE date >= TIMESTAMP '2001-${from}' AND date < TIMESTAMP '2001-${to}' AND id % ${oneIn} = 0
    ORDER BY date, id`;
}

function toFlight(row: readonly unknown[], outbound: RecentDelays, inbound: RecentDelays): Flight {
  const [departsAt, hour, distance, origin, destination, slot, late] = row;
  const [from, to, departureSlot] = [String(origin), String(destination), Number(slot)];
  return {
    departsAt: Number(departsAt),
    hour: Number(hour),
    distance: Number(distance),
    origin: from,
    destination: to,
    originDelay: outbound.meanBefore(from, departureSlot),
    inboundDelay: inbound.meanBefore(from, departureSlot),
    destinationDelay: outbound.meanBefore(to, departureSlot),
    destinationInboundDelay: inbound.meanBefore(to, departureSlot),
    late: late === true ? 1 : 0,
  };
}
