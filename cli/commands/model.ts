import { existsSync, readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { makeCommandContext } from '../context.ts';
import { findNoun } from '../declared-commands.ts';
import { NegativeVerdict, UsageError } from '../errors.ts';
import { readModelFiles, registerFiles } from '../register-files.ts';
import { addWaitOptions, type WaitFlags } from '../wait-options.ts';

interface RegisterFlags extends WaitFlags {
  readonly onnx: string;
  readonly signature?: string;
  readonly example?: string;
  readonly profile?: string;
  readonly tolerance?: string;
  readonly semver?: string;
  readonly task?: string;
  readonly tag?: readonly string[];
}

/** `model register`: uploads the files and registers a version of them. */
export function addModelCommands(program: Command): void {
  const register = findNoun(program, 'model')
    .command('register')
    .description('Registers an ONNX file as a new version; makes the model when absent')
    .argument('<name>')
    .requiredOption('--onnx <file>', 'the model; external data files beside it travel with it')
    .option('--signature <file>', "MLflow's signature as JSON; default: the graph's own inputs")
    .option('--example <file>', 'input example with the outputs it must give')
    .option('--baseline <file>', 'baseline profile for drift')
    .option('--tolerance <number>', 'largest allowed difference to the example')
    .option('--semver <label>', 'semantic version label')
    .option('--task <task>', 'classification, regression or anomaly-detection')
    .option('--tag <k=v>', 'a tag; may be repeated', (tag: string, all: string[] = []) => [...all, tag]);
  addWaitOptions(register).action(async (name: string, _flags: unknown, command: Command) => {
    const flags = command.opts<RegisterFlags & { baseline?: string }>();
    const { client, output } = makeCommandContext(command);
    const files = readModelFiles({ onnx: flags.onnx, example: flags.example, profile: flags.baseline });
    const version = await registerFiles(client(), name, files, {
      ...(flags.signature === undefined
        ? {}
        : { signature: readJson(flags.signature) as { inputs: unknown } }),
      ...(flags.tolerance === undefined ? {} : { tolerance: Number(flags.tolerance) }),
      ...(flags.semver === undefined ? {} : { semver: flags.semver }),
      ...(flags.task === undefined ? {} : { task: flags.task }),
      tags: parseTags(flags.tag ?? []),
      timeoutSeconds: flags.timeout,
    });
    output.result(version);
    if (version.status === 'REFUSED') {
      throw new UsageError(
        `The model was refused:\n${version.reasons.map((reason) => `  ${reason}`).join('\n')}`,
      );
    }
    if (version.status !== 'READY') throw new NegativeVerdict(`The version is ${version.status}.`);
  });
}

function readJson(file: string): Record<string, unknown> {
  if (!existsSync(file)) throw new UsageError(`There is no file ${file}.`);
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  } catch {
    throw new UsageError(`${file} is not JSON.`);
  }
}

function parseTags(tags: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    tags.map((tag) => {
      const at = tag.indexOf('=');
      if (at < 1) throw new UsageError(`--tag takes k=v, not '${tag}'.`);
      return [tag.slice(0, at), tag.slice(at + 1)];
    }),
  );
}
