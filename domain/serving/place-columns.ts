import type { ColumnSpec } from '../shared/signature.ts';
import { makeColumnReader } from './cell.ts';
import type { GraphValue } from './ports.ts';
import type { TensorType } from './tensor.ts';

/** Where each column of a signature goes. */
export interface Placement {
  /** For each column its graph input, by index, and its place among that input's columns. */
  readonly places: readonly { readonly input: number; readonly offset: number }[];
  /** How many columns each graph input takes. */
  readonly widths: readonly number[];
  /** Whether the order told, since the names of columns and inputs have nothing in common. */
  readonly byOrder: boolean;
}

/** An input while columns are given out. */
interface Seat {
  readonly type: TensorType;
  readonly capacity: number;
  taken: number;
}

const NATIVE: Readonly<Record<string, RegExp>> = {
  boolean: /^bool$/,
  integer: /^u?int/,
  long: /^u?int/,
  float: /^float/,
  double: /^float/,
};

/**
 * Gives the columns that users know to the inputs that a converter made of them: one matrix; an input a column, under
 * its name, under what converters make of it (`Age (years)` becomes `Age__years_`), or under names that say nothing; a
 * matrix for each kind of column, filled in the signature's order, beside inputs of single columns.
 *
 * @returns undefined when columns or inputs are left over, or only some of the names fit.
 */
export function placeColumns(
  specs: readonly ColumnSpec[],
  inputs: readonly GraphValue[],
): Placement | undefined {
  const named = matchNames(specs, inputs);
  const seats = inputs.map((input, index): Seat => {
    const isNamed = named.includes(index);
    return { type: input.type as TensorType, capacity: isNamed ? 0 : capacityOf(input), taken: 0 };
  });
  const open = seats.filter(({ capacity }) => capacity > 0);
  const isInOrder = inputs.length > 1 && open.every(({ capacity }) => capacity === 1);
  if (isInOrder && open.length > 0 && open.length < seats.length) return undefined;

  const places: { input: number; offset: number }[] = [];
  for (const [column, { type }] of specs.entries()) {
    const own = named[column];
    const input = own ?? (isInOrder ? column : seats.length === 1 ? 0 : findSeat(type, seats));
    const seat = seats[input];
    if (seat === undefined || (own === undefined && seat.taken >= seat.capacity)) return undefined;
    places.push({ input, offset: own === undefined ? seat.taken++ : 0 });
  }
  const isFull = seats.every(
    ({ taken, capacity }) => taken === capacity || capacity === Number.POSITIVE_INFINITY,
  );
  if (!isFull) return undefined;
  const widths = seats.map(({ taken }, index) => (named.includes(index) ? 1 : taken));
  return { places, widths, byOrder: inputs.length > 1 && open.length > 0 };
}

/** For each column the input that bears its name; undefined for those without one. */
function matchNames(specs: readonly ColumnSpec[], inputs: readonly GraphValue[]): (number | undefined)[] {
  const exact = specs.map(({ name }) => inputs.findIndex((input) => input.name === name));
  const plainInputs = inputs.map(({ name }) => toPlainName(name));
  const plainSpecs = specs.map(({ name }) => toPlainName(name));
  return specs.map((_, column) => {
    const found = exact[column] !== -1 ? exact[column]! : plainInputs.indexOf(plainSpecs[column]!);
    const isUnclear =
      exact[column] === -1 && (exact.includes(found) || countOf(plainSpecs, plainSpecs[column]!) > 1);
    return found === -1 || isUnclear || capacityOf(inputs[found]!) !== 1 ? undefined : found;
  });
}

function toPlainName(name: string): string {
  return name.replace(/[^\p{L}\p{N}]/gu, '').toLowerCase();
}

function countOf(names: readonly string[], name: string): number {
  return names.filter((other) => other === name).length;
}

/** Columns that an input takes: one when it has one value a row, any number when its width is open. */
function capacityOf({ shape }: GraphValue): number {
  if (shape.length !== 2) return 1;
  const [, width] = shape;
  return typeof width === 'number' ? width : Number.POSITIVE_INFINITY;
}

/** The first input with room that is of the column's own kind, else one that can hold it. */
function findSeat(type: ColumnSpec['type'], seats: readonly Seat[]): number {
  const hasRoom = (seat: Seat) =>
    seat.taken < seat.capacity && makeColumnReader(type, seat.type) !== undefined;
  const native = seats.findIndex((seat) => hasRoom(seat) && (NATIVE[type]?.test(seat.type) ?? true));
  return native === -1 ? seats.findIndex(hasRoom) : native;
}
