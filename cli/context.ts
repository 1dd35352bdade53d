import type { Command } from 'commander';
import { type Client, type ClientOptions, createClient } from '../sdk/index.ts';
import { type ConnectionFlags, findConnection, trustLocalCloud } from './connection.ts';
import { makeOutput, type Output } from './output.ts';

/** What every command gets: the client (made when first asked for) and where to write. */
export interface CommandContext {
  readonly client: () => Client;
  readonly connection: () => ClientOptions;
  readonly output: Output;
}

interface GlobalFlags extends ConnectionFlags {
  readonly json?: boolean;
}

/** Reads the global flags of whatever command was called. */
export function makeCommandContext(command: Command): CommandContext {
  const flags = command.optsWithGlobals<GlobalFlags>();
  const connection = () => {
    const found = findConnection(flags);
    trustLocalCloud(found);
    return found;
  };
  return { connection, client: () => createClient(connection()), output: makeOutput(flags.json === true) };
}
