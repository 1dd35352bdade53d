import type { IdMap } from './id-map.ts';
import type { Journal } from './journal.ts';
import { MlflowError } from './mlflow-error.ts';
import type { MlflowServer } from './mlflow-server.ts';

/** Something of the source that the target has not got. */
export interface Problem {
  readonly what: string;
  readonly reason: string;
}

/** What people chose to move. */
export interface MoveOptions {
  /** Default: all. */
  readonly experiments?: readonly string[] | undefined;
  /** Default: all, or none when experiments are named. */
  readonly models?: readonly string[] | undefined;
  readonly withArtifacts: boolean;
  /** Runs, and transfers on either side, at a time. */
  readonly concurrency: number;
  /** Copies again what the marks say is complete; nothing doubles by it. */
  readonly isRecheck: boolean;
  /** Folder for files on their way. */
  readonly folder: string;
}

/** What all steps of a move share. */
export interface MoveContext {
  readonly source: MlflowServer;
  readonly target: MlflowServer;
  readonly options: MoveOptions;
  readonly ids: IdMap;
  readonly journal: Journal;
  readonly problems: Problem[];
}

/** Where a step tells how far it is. */
export interface StepProgress {
  /** `of` is unknown while a list is still being read. */
  at(count: number, of?: number): void;
}

/**
 * Does one object's part of a move. What a server refuses is a problem of that object, told at the end; what
 * concerns the servers themselves ends the move.
 */
export async function attempt(
  context: MoveContext,
  what: string,
  work: () => Promise<void>,
): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (!(error instanceof MlflowError) || error.concernsServer) throw error;
    context.problems.push({ what, reason: error.message });
    return false;
  }
}

/**
 * Creates what has no natural key. When the answer is lost, nobody knows whether it exists: `find` looks for it
 * by its marks before it is asked for again.
 */
export async function createOnce<T>(
  create: () => Promise<T>,
  find: () => Promise<T | undefined>,
): Promise<T> {
  const MAX_LOST_ANSWERS = 5;
  for (let lost = 0; ; lost++) {
    try {
      return await create();
    } catch (error) {
      const isRefused = error instanceof MlflowError && !error.isAmbiguous;
      if (isRefused || lost === MAX_LOST_ANSWERS) throw error;
      const found = await find();
      if (found !== undefined) return found;
    }
  }
}
