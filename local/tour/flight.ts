/** A flight as a caller knows it before departure, and whether it came late. */
export interface Flight {
  /** Scheduled departure, local time of the origin read as UTC, epoch milliseconds. */
  readonly departsAt: number;
  readonly hour: number;
  readonly distance: number;
  readonly origin: string;
  readonly destination: string;
  /** Mean delay of the last hours, minutes: of flights from the origin, and of flights to it. */
  readonly originDelay: number | null;
  readonly inboundDelay: number | null;
  /** The same of the destination. */
  readonly destinationDelay: number | null;
  readonly destinationInboundDelay: number | null;
  /** 1 when it arrived more than 15 minutes late. */
  readonly late: 0 | 1;
}

/** What the model learns from, in the order of the columns. */
export const FEATURES = [
  'hour',
  'distance',
  'origin',
  'destination',
  'originDelay',
  'inboundDelay',
  'destinationDelay',
  'destinationInboundDelay',
] as const satisfies readonly (keyof Flight)[];

export const LABEL = 'late';
export const TIME_COLUMN = 'date';

/** Rows as MLflow's `dataframe_split`, the body of `/invocations`. */
export function toDataframeSplit(flights: readonly Flight[]) {
  const data = flights.map((flight) => FEATURES.map((name) => flight[name]));
  return { dataframe_split: { columns: [...FEATURES], data } };
}

/** A file of a dataset version: time, features and label; a missing value is an empty field. */
export function toCsv(flights: readonly Flight[]): string {
  const header = [TIME_COLUMN, ...FEATURES, LABEL].join(',');
  const lines = flights.map((flight) => {
    const time = new Date(flight.departsAt).toISOString().slice(0, 19).replace('T', ' ');
    return [time, ...FEATURES.map((name) => flight[name] ?? ''), flight[LABEL]].join(',');
  });
  return `${[header, ...lines].join('\n')}\n`;
}

/** Share of flights that came late. */
export function lateShare(flights: readonly Flight[]): number {
  return flights.reduce((sum, { late }) => sum + late, 0) / Math.max(1, flights.length);
}
