import type { Command } from 'commander';
import { createClient } from '../../sdk/index.ts';
import { findLocalPlatformToken } from '../connection.ts';
import { makeCommandContext } from '../context.ts';
import { findNoun } from '../declared-commands.ts';

/** Tenants are made with the platform token; the local cloud's is at hand, elsewhere --token gives it. */
export function addTenantCommands(program: Command): void {
  const tenant = findNoun(program, 'tenant');
  tenant
    .command('create')
    .description('Creates a tenant and shows a token for each role, once')
    .argument('<name>')
    .action(async (name: string, _flags: unknown, command: Command) => {
      makeCommandContext(command).output.result(
        await platformClient(command).access.createTenant({ body: { name } }),
      );
    });
  tenant
    .command('list')
    .description('Lists the tenants of the installation')
    .action(async (_flags: unknown, command: Command) => {
      makeCommandContext(command).output.result(await platformClient(command).access.listTenants());
    });
}

function platformClient(command: Command) {
  const connection = makeCommandContext(command).connection();
  const { token } = command.optsWithGlobals<{ token?: string }>();
  const own = token ?? process.env.PERENNIAL_TOKEN ?? findLocalPlatformToken();
  return createClient({ ...connection, token: own ?? connection.token });
}
