import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Command } from 'commander';
import { type Connection, profilesFile, readProfiles } from '../connection.ts';
import { makeCommandContext } from '../context.ts';
import { mlflowVariables, toExports } from '../mlflow-variables.ts';

/** `login` keeps address and token as a profile, after it has tried them. */
export function addLoginCommand(program: Command): void {
  program
    .command('login')
    .description(
      'Keeps --api-url and --token as a profile, and prints the variables for MLflow’s client: eval "$(npx perennial login)"',
    )
    .action(async (_flags: unknown, command: Command) => {
      const { client, connection, output } = makeCommandContext(command);
      const { apiUrl, token } = connection();
      await client().access.getInstallation();
      const flags = command.optsWithGlobals<Record<string, string | undefined>>();
      // Without both flags they came from a profile, the environment or the local cloud, which all keep them.
      if (flags.apiUrl !== undefined && flags.token !== undefined) {
        const name = flags.profile ?? 'default';
        output.note(`Logged in; the profile '${name}' is in ${keepProfile(name, { apiUrl, token })}.`);
      }
      const variables = mlflowVariables({ apiUrl, token });
      output.result(output.json ? variables : toExports(variables));
    });
}

function keepProfile(name: string, connection: Connection): string {
  const file = profilesFile();
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const profiles = { ...readProfiles(), [name]: connection };
  writeFileSync(file, `${JSON.stringify(profiles, null, 2)}\n`, { mode: 0o600 });
  return file;
}
