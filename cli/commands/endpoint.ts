import type { Command } from 'commander';
import { waitUntil } from '../../sdk/index.ts';
import { makeCommandContext } from '../context.ts';
import { findNoun } from '../declared-commands.ts';
import { NegativeVerdict } from '../errors.ts';
import { addWaitOptions, type WaitFlags } from '../wait-options.ts';

interface CreateFlags extends WaitFlags {
  readonly model: string;
  readonly version: string;
  readonly memoryMb?: string;
}

/** `endpoint create`, with --wait until it answers. */
export function addEndpointCommands(program: Command): void {
  const create = findNoun(program, 'endpoint')
    .command('create')
    .description('Creates an endpoint that serves a model version')
    .argument('<name>')
    .requiredOption('--model <name>')
    .requiredOption('--version <version>', 'a number, a semver label, or @alias')
    .option('--memory-mb <number>');
  addWaitOptions(create).action(async (name: string, _flags: unknown, command: Command) => {
    const flags = command.opts<CreateFlags>();
    const { client, output } = makeCommandContext(command);
    const { deployment } = client();
    const version = /^\d+$/.test(flags.version) ? Number(flags.version) : flags.version;
    const memory = flags.memoryMb === undefined ? {} : { memoryMb: Number(flags.memoryMb) };
    const created = await deployment.createEndpoint({
      body: { name, model: flags.model, version, ...memory },
    });
    if (!flags.wait) return output.result(created);
    const endpoint = await waitUntil(
      () => deployment.getEndpoint({ params: { name } }),
      ({ status }) => status === 'IN_SERVICE' || status === 'FAILED',
      { timeoutSeconds: flags.timeout },
    );
    output.result(endpoint);
    if (endpoint.status === 'FAILED') throw new NegativeVerdict(`The endpoint failed: ${endpoint.reason}`);
  });
}
