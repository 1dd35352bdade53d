import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import type { Command } from 'commander';
import { makeCommandContext } from '../context.ts';
import { findNoun } from '../declared-commands.ts';
import { NegativeVerdict } from '../errors.ts';

/** `installation bootstrap`: shows the platform token once, to whoever IAM lets invoke the function. */
export function addInstallationCommands(program: Command): void {
  findNoun(program, 'installation')
    .command('bootstrap')
    .description('Shows the platform token once, by the IAM credentials of the caller')
    .option('--installation <name>', 'name of the installation', 'perennial')
    .option('--replace', 'end the old platform token and show a new one')
    .action(async (flags: { installation: string; replace?: boolean }, command: Command) => {
      const answer = await invokeBootstrap(flags.installation, flags.replace === true);
      if (answer.platformToken === null) throw new NegativeVerdict(answer.reason ?? 'It was shown before.');
      makeCommandContext(command).output.result(answer);
    });
}

async function invokeBootstrap(
  installation: string,
  replace: boolean,
): Promise<{ platformToken: string | null; reason?: string }> {
  const Name = `/perennial/${installation}/access/bootstrap-function-name`;
  const { Parameter } = await new SSMClient({}).send(new GetParameterCommand({ Name }));
  const { Payload, FunctionError } = await new LambdaClient({}).send(
    new InvokeCommand({ FunctionName: Parameter?.Value, Payload: JSON.stringify({ replace }) }),
  );
  const text = Buffer.from(Payload ?? []).toString();
  if (FunctionError !== undefined)
    throw new Error(`The bootstrap function failed (${FunctionError}); its log has the reason.`);
  return JSON.parse(text) as { platformToken: string | null; reason?: string };
}
