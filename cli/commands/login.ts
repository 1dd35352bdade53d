import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Command } from 'commander';
import { createClient } from '../../sdk/index.ts';
import { profilesFile, readProfiles } from '../connection.ts';
import { makeCommandContext } from '../context.ts';
import { UsageError } from '../errors.ts';

/** `login` keeps address and token as a profile, after it has tried them. */
export function addLoginCommand(program: Command): void {
  program
    .command('login')
    .description('Keeps an address and a token as a profile, and prints the variables for MLflow’s client')
    .action(async (_flags: unknown, command: Command) => {
      const {
        apiUrl,
        token,
        profile = 'default',
      } = command.optsWithGlobals<Record<string, string | undefined>>();
      if (apiUrl === undefined || token === undefined)
        throw new UsageError('login needs --api-url and --token.');
      await createClient({ apiUrl, token }).access.getInstallation();
      const file = profilesFile();
      mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
      const profiles = { ...readProfiles(), [profile]: { apiUrl, token } };
      writeFileSync(file, `${JSON.stringify(profiles, null, 2)}\n`, { mode: 0o600 });
      const { output } = makeCommandContext(command);
      output.note(`Logged in; the profile '${profile}' is in ${file}. For MLflow's client:`);
      output.result({
        MLFLOW_TRACKING_URI: apiUrl,
        MLFLOW_TRACKING_TOKEN: token,
      });
    });
}
