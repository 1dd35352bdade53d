import { writeFile } from 'node:fs/promises';

/** One step of the tour as `.perennial/tour.json` keeps it. */
export interface StepRecord {
  readonly name: string;
  readonly ok: boolean;
  readonly seconds: number;
  readonly evidence: Readonly<Record<string, unknown>>;
}

/** Prints a line of progress. */
export type Say = (text: string) => void;

/** Something that the tour promises does not hold; the message says what was expected and what was seen. */
export class TourPromiseError extends Error {
  override readonly name = 'TourPromiseError';
}

/** @throws TourPromiseError with `message` */
export function hold(condition: boolean, message: string): asserts condition {
  if (!condition) throw new TourPromiseError(message);
}

/** What a step hands on, and what it leaves for people to check. */
export interface StepOutcome<T> {
  readonly value: T;
  readonly evidence: Readonly<Record<string, unknown>>;
}

/** Runs the steps of the tour, tells their progress and keeps their outcome. */
export class StepLog {
  readonly #steps: StepRecord[] = [];
  readonly #print: Say;
  readonly #startedAt = Date.now();

  constructor(print: Say) {
    this.#print = print;
  }

  get steps(): readonly StepRecord[] {
    return this.#steps;
  }

  get held(): boolean {
    return this.#steps.length > 0 && this.#steps.every(({ ok }) => ok);
  }

  /**
   * Runs a step; its failure is recorded with the reason and thrown on, since what follows builds on it.
   *
   * @param aside put before each line of a step that runs beside others
   */
  async run<T>(name: string, work: (say: Say) => Promise<StepOutcome<T>>, aside = ''): Promise<T> {
    const begin = Date.now();
    const say: Say = (text) => this.#print(`${this.#clock()}     ${aside}${text}`);
    this.#print(`${this.#clock()} ▸ ${name}`);
    try {
      const { value, evidence } = await work(say);
      this.#record({ name, ok: true, seconds: secondsSince(begin), evidence });
      return value;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#record({ name, ok: false, seconds: secondsSince(begin), evidence: { reason } });
      throw error;
    }
  }

  async write(file: string): Promise<void> {
    await writeFile(file, `${JSON.stringify({ steps: this.#steps }, null, 2)}\n`);
  }

  #record(step: StepRecord): void {
    this.#steps.push(step);
    const reason = step.ok ? '' : `: ${String(step.evidence.reason)}`;
    this.#print(`${this.#clock()} ${step.ok ? '✔' : '✖'} ${step.name} (${step.seconds} s)${reason}`);
  }

  #clock(): string {
    const seconds = Math.floor((Date.now() - this.#startedAt) / 1000);
    return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
  }
}

/** To a tenth of a second. */
export function secondsSince(begin: number, end = Date.now()): number {
  return Math.round((end - begin) / 100) / 10;
}
