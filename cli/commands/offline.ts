import type { Command } from 'commander';
import { makeCommandContext } from '../context.ts';
import { findNoun } from '../declared-commands.ts';
import { runDriftCompare } from '../offline/drift-compare.ts';
import { runModelCheck } from '../offline/model-check.ts';

interface CompareFlags {
  readonly reference: string;
  readonly current: string;
  readonly failOn?: string;
  readonly timeColumn?: string;
}

interface CheckFlags {
  readonly signature?: string;
  readonly example?: string;
  readonly tolerance?: string;
}

/** The commands that need no installation: `drift compare` and `model check`. */
export function addOfflineCommands(program: Command): void {
  findNoun(program, 'drift')
    .command('compare')
    .description('Compares two Parquet or CSV files as the deployed monitor compares windows')
    .requiredOption('--reference <file>')
    .requiredOption('--current <file>')
    .option('--fail-on <verdict>', 'exit 3 at this verdict or worse: MODERATE, SIGNIFICANT or SEVERE')
    .option('--time-column <name>', "orders the reference's rows")
    .action(async (flags: CompareFlags, command: Command) => {
      const { output } = makeCommandContext(command);
      const { text, exitCode } = await runDriftCompare({ ...flags, json: output.json });
      process.stdout.write(`${text}\n`);
      process.exitCode = exitCode;
    });
  findNoun(program, 'model')
    .command('check')
    .description('Says what registering an ONNX file would say')
    .argument('<file>')
    .option('--signature <file>')
    .option('--example <file>')
    .option('--tolerance <number>')
    .action(async (file: string, { signature, example, tolerance }: CheckFlags, command: Command) => {
      const number = tolerance === undefined ? undefined : Number(tolerance);
      const { check, exitCode } = await runModelCheck({ file, signature, example, tolerance: number });
      makeCommandContext(command).output.result(check);
      process.exitCode = exitCode;
    });
}
