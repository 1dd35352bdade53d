import {
  type Column,
  categoryColumn,
  numericColumn,
  selectRows,
  type Table,
} from '../../domain/shared/table.ts';
import type { LabelledRows } from '../../domain/training/gbdt/watch-validation.ts';
import { makeRandom } from '../../domain/training/random.ts';

const CARRIERS = ['AA', 'BB', 'CC', 'DD', 'EE'];
const CARRIER_EFFECT: Record<string, number> = { AA: -1.5, BB: 1.5, CC: 0, DD: -0.5, EE: 1 };

export interface GeneratedRows {
  readonly binary: LabelledRows;
  readonly regression: LabelledRows;
}

/**
 * Rows of a known law: `hour` and `distance` interact, `wind` is missing in a third of the rows and its
 * absence itself raises the target, `carrier` has an effect of its own in each category and is missing at times.
 */
export function generateRows(rows: number, seed = 1): GeneratedRows {
  const random = makeRandom(seed);
  const hour: number[] = [];
  const distance: number[] = [];
  const wind: (number | null)[] = [];
  const carrier: (string | null)[] = [];
  const binary = new Float64Array(rows);
  const regression = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    hour.push(random.below(24));
    distance.push(random.uniform() * 3000);
    wind.push(random.uniform() < 1 / 3 ? null : random.uniform() * 20 - 10);
    carrier.push(random.uniform() < 0.1 ? null : CARRIERS[random.below(CARRIERS.length)]!);
    const interaction = (hour[row]! > 12 ? 1 : -1) * (distance[row]! > 1500 ? 1 : -1);
    const fromWind = wind[row] === null ? 1 : Math.abs(wind[row]!) / 10;
    const score = interaction + fromWind + (CARRIER_EFFECT[carrier[row] ?? ''] ?? 0.3) - 0.5;
    binary[row] = random.uniform() < 1 / (1 + Math.exp(-1.5 * score)) ? 1 : 0;
    regression[row] = 10 * score + random.uniform();
  }
  const columns: Record<string, Column> = {
    hour: numericColumn(hour),
    distance: numericColumn(distance),
    wind: numericColumn(wind),
    carrier: categoryColumn(carrier),
  };
  const table: Table = { rows, columns };
  return { binary: { table, target: binary }, regression: { table, target: regression } };
}

export const GENERATED_FEATURES = ['hour', 'distance', 'wind', 'carrier'];

/** Rows from `from` up to `to`. */
export function sliceRows(rows: LabelledRows, from: number, to: number): LabelledRows {
  const indexes = Uint32Array.from({ length: to - from }, (_, i) => from + i);
  return { table: selectRows(rows.table, indexes), target: rows.target.slice(from, to) };
}
