import type { Command } from 'commander';
import { UsageError } from './errors.ts';

export interface WaitFlags {
  readonly wait?: boolean;
  readonly timeout: number;
}

/** Adds --wait and --timeout, as every command has that starts long work. */
export function addWaitOptions(command: Command): Command {
  return command
    .option('--wait', 'wait until it is done')
    .option('--timeout <seconds>', 'how long to wait', parseSeconds, 600);
}

function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (seconds > 0) return seconds;
  throw new UsageError(`--timeout takes seconds above 0, not '${text}'.`);
}
