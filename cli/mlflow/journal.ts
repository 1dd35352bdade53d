import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { UsageError } from '../errors.ts';
import type { Moved } from './id-map.ts';

interface Header {
  readonly perennialMove: 1;
  readonly from: string;
  readonly to: string;
}

/** One line: an object was made, or is complete in the state that `digest` stands for. */
type Entry =
  | ({ readonly made: 'run' | 'model' } & Moved)
  | { readonly done: 'run' | 'model'; readonly id: string; readonly digest: string };

/**
 * What a move has done, a JSON line each, appended before the next step begins. A move that was killed reads it
 * and goes on; without it the marks on the target say the same, more slowly.
 */
export class Journal {
  readonly file: string;
  readonly #made = new Map<string, Moved>();
  readonly #done = new Map<string, string>();
  #handle: number | undefined;

  private constructor(file: string) {
    this.file = file;
  }

  /** @throws UsageError when another process uses it, or it belongs to another move */
  static open(file: string, from: string, to: string): Journal {
    const journal = new Journal(file);
    mkdirSync(dirname(file), { recursive: true });
    lock(file);
    try {
      journal.#read({ perennialMove: 1, from, to });
    } catch (error) {
      rmSync(lockOf(file), { force: true });
      throw error;
    }
    return journal;
  }

  get made(): Iterable<Moved> {
    return this.#made.values();
  }

  isDone(id: string, digest: string): boolean {
    return this.#done.get(id) === digest;
  }

  recordMade(made: 'run' | 'model', moved: Moved): void {
    this.#made.set(moved.from, moved);
    this.#append({ made, ...moved });
  }

  recordDone(done: 'run' | 'model', id: string, digest: string): void {
    this.#done.set(id, digest);
    this.#append({ done, id, digest });
  }

  close(): void {
    if (this.#handle !== undefined) closeSync(this.#handle);
    this.#handle = undefined;
    rmSync(lockOf(this.file), { force: true });
  }

  #read(header: Header): void {
    const text = existsSync(this.file) ? readFileSync(this.file, 'utf8') : '';
    // The last line of a killed move may be cut off; what it stood for is found by the marks.
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    if (whole !== text) truncateSync(this.file, Buffer.byteLength(whole));
    const [first, ...entries] = whole.split('\n').filter((line) => line !== '');
    if (first !== undefined) checkHeader(this.file, first, header);
    for (const line of entries) this.#replay(JSON.parse(line) as Entry);
    this.#handle = openSync(this.file, 'a', 0o600);
    if (first === undefined) this.#append(header);
  }

  #replay(entry: Entry): void {
    if ('made' in entry) this.#made.set(entry.from, entry);
    else this.#done.set(entry.id, entry.digest);
  }

  #append(entry: Entry | Header): void {
    if (this.#handle === undefined) throw new Error('The journal is closed.');
    writeSync(this.#handle, `${JSON.stringify(entry)}\n`);
  }
}

function checkHeader(file: string, line: string, { from, to }: Header): void {
  let header: Partial<Header> = {};
  try {
    header = JSON.parse(line) as Partial<Header>;
  } catch {
    // Said below: it is no journal.
  }
  if (header.perennialMove !== 1) throw new UsageError(`${file} is not a journal of a move.`);
  if (header.from === from && header.to === to) return;
  throw new UsageError(
    `${file} is the journal of a move from ${header.from} to ${header.to}; name another with --journal.`,
  );
}

const lockOf = (file: string) => `${file}.lock`;

/** Two moves at a time between the same servers would make everything twice. */
function lock(file: string): void {
  for (const isLastTry of [false, true]) {
    try {
      const handle = openSync(lockOf(file), 'wx');
      writeSync(handle, String(process.pid));
      closeSync(handle);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      const owner = Number(readFileSync(lockOf(file), 'utf8'));
      if (isLastTry || isRunning(owner)) {
        throw new UsageError(`Process ${owner} is moving with the journal ${file}; wait for it or end it.`);
      }
      rmSync(lockOf(file), { force: true });
    }
  }
}

function isRunning(pid: number): boolean {
  if (!(pid > 0) || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
