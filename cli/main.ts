import { Command, CommanderError } from 'commander';
import { PRODUCT_VERSION } from '../sdk/index.ts';
import { addCustomCommands } from './commands/all.ts';
import { addDeclaredCommands } from './declared-commands.ts';
import { EXIT, exitCodeOf, toErrorJson, toErrorText } from './errors.ts';

/** The whole program; tests call it with arguments of their own. */
export function makeProgram(): Command {
  const program = new Command('perennial')
    .description('The command line of Perennial, a serverless MLOps platform')
    .option('--json', 'results and errors as JSON')
    .option('--api-url <url>', 'address of the installation')
    .option('--token <token>', 'token of a tenant')
    .option('--profile <name>', 'profile written by login')
    .showHelpAfterError('(npx perennial --help lists the commands)')
    .exitOverride();
  addCustomCommands(program);
  addDeclaredCommands(program);
  for (const command of allCommands(program)) command.exitOverride();
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
  try {
    await makeProgram().parseAsync(args, { from: 'user' });
    // A command whose answer is itself a verdict has set the code.
    return typeof process.exitCode === 'number' ? process.exitCode : EXIT.done;
  } catch (error) {
    // Commander has said what is wrong already; help and version end with 0.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usersMistake;
    const text = args.includes('--json') ? JSON.stringify({ error: toErrorJson(error) }) : toErrorText(error);
    process.stderr.write(`${text}\n`);
    return exitCodeOf(error);
  }
}

process.exitCode = await run(process.argv.slice(2));
