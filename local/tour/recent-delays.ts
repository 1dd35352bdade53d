/** Flights that landed at or came from an airport within one slot, and their delays. */
export interface SlotOfLandings {
  readonly airport: string;
  /** Quarters of an hour since the first day of the archive. */
  readonly slot: number;
  readonly flights: number;
  /** Sum of the delays, minutes. */
  readonly delayMinutes: number;
}

/** Minutes of a slot: the finest step at which airports' delays are known here. */
export const SLOT_MINUTES = 15;

/** Three hours: long enough for a mean of many flights, short enough to tell that a storm has come. */
const LOOK_BACK_SLOTS = (3 * 60) / SLOT_MINUTES;

/**
 * Mean delays of the last hours by airport, as they were known at a departure: a flight counts from the slot
 * after the one in which it landed, since its delay was not known before.
 */
export class RecentDelays {
  readonly #slots: number;
  readonly #airports = new Map<string, { readonly flights: Float64Array; readonly minutes: Float64Array }>();

  /** @param slots of the archive; landings outside it are left out */
  constructor(landings: Iterable<SlotOfLandings>, slots: number) {
    this.#slots = slots;
    for (const { airport, slot, flights, delayMinutes } of landings) {
      if (slot < 0 || slot >= slots) continue;
      const sums = this.#sumsOf(airport);
      sums.flights[slot + 1]! += flights;
      sums.minutes[slot + 1]! += delayMinutes;
    }
    for (const { flights, minutes } of this.#airports.values()) {
      for (let slot = 1; slot <= slots; slot += 1) {
        flights[slot]! += flights[slot - 1]!;
        minutes[slot]! += minutes[slot - 1]!;
      }
    }
  }

  /** Mean over the slots that had ended when `departureSlot` began, a tenth of a minute; null without a flight. */
  meanBefore(airport: string, departureSlot: number): number | null {
    const sums = this.#airports.get(airport);
    const end = Math.min(this.#slots, Math.max(0, departureSlot));
    const start = Math.max(0, end - LOOK_BACK_SLOTS);
    const flights = sums === undefined ? 0 : sums.flights[end]! - sums.flights[start]!;
    if (sums === undefined || flights === 0) return null;
    return Math.round(((sums.minutes[end]! - sums.minutes[start]!) / flights) * 10) / 10;
  }

  #sumsOf(airport: string) {
    const known = this.#airports.get(airport);
    if (known !== undefined) return known;
    const made = { flights: new Float64Array(this.#slots + 1), minutes: new Float64Array(this.#slots + 1) };
    this.#airports.set(airport, made);
    return made;
  }
}
