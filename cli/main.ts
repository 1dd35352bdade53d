import { Command, CommanderError } from 'commander';
import { PRODUCT_VERSION } from '../sdk/index.ts';
import { addCustomCommands } from './commands/all.ts';
import { addDeclaredCommands } from './declared-commands.ts';
import { EXIT, exitCodeOf, toErrorJson, toErrorText, UsageError } from './errors.ts';

/** The whole program; tests call it with arguments of their own. Quiet, it leaves what is wrong to its caller. */
export function makeProgram(isQuiet = false): Command {
  const program = new Command('perennial')
    .description('The command line of Perennial, a serverless MLOps platform')
    .option('--json', 'results and errors as JSON')
    .option('--api-url <url>', 'address of the installation')
    .option('--token <token>', 'token of a tenant')
    .option('--profile <name>', 'profile written by login')
    .showHelpAfterError('(npx perennial --help lists the commands)')
    .exitOverride();
  if (isQuiet) program.configureOutput({ writeErr: () => {} });
  addCustomCommands(program);
  addDeclaredCommands(program);
  for (const command of allCommands(program)) {
    command.exitOverride();
    if (isQuiet) command.configureOutput({ writeErr: () => {} });
  }
  return program;
}

function allCommands(command: Command): Command[] {
  return command.commands.flatMap((child) => [child, ...allCommands(child)]);
}

/** Runs the program and answers its exit code. */
export async function run(args: readonly string[]): Promise<number> {
  // Not commander's option, which would also take the `--version` of `endpoint create`.
  if (args[0] === '--version' || args[0] === '-V') {
    process.stdout.write(`${PRODUCT_VERSION}\n`);
    return EXIT.done;
  }
  const isJson = args.includes('--json');
  try {
    await makeProgram(isJson).parseAsync(args, { from: 'user' });
    // A command whose answer is itself a verdict has set the code.
    return typeof process.exitCode === 'number' ? process.exitCode : EXIT.done;
  } catch (error) {
    // Help and version end with 0; to people commander has said already what is wrong.
    if (error instanceof CommanderError && (error.exitCode === 0 || !isJson)) {
      return error.exitCode === 0 ? EXIT.done : EXIT.usersMistake;
    }
    const told = error instanceof CommanderError ? new UsageError(error.message) : error;
    process.stderr.write(`${isJson ? JSON.stringify({ error: toErrorJson(told) }) : toErrorText(told)}\n`);
    return exitCodeOf(told);
  }
}

process.exitCode = await run(process.argv.slice(2));
