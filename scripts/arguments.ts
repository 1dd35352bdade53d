import { parseArgs } from 'node:util';
import { type Installation, parseInstallation } from '../lib/config/installation.ts';

export interface Arguments {
  readonly installation: Installation;
  /** `-c key=value` for the CDK, as given. */
  readonly context: readonly string[];
  readonly yes: boolean;
  readonly deleteData: boolean;
}

/**
 * What `npm run deploy` and `npm run destroy` take: the CDK's `-c key=value`, `--yes`, `--delete-data`.
 *
 * @throws Error naming an unknown option or a setting that is wrong.
 */
export function readArguments(given: readonly string[]): Arguments {
  const { values } = parseArgs({
    args: [...given],
    options: {
      context: { type: 'string', short: 'c', multiple: true, default: [] },
      yes: { type: 'boolean', short: 'y', default: false },
      'delete-data': { type: 'boolean', default: false },
    },
  });
  const settings = new Map(values.context.map((pair) => splitAtEquals(pair)));
  return {
    installation: parseInstallation((key) => settings.get(key)),
    context: values.context.flatMap((pair) => ['-c', pair]),
    yes: values.yes,
    deleteData: values['delete-data'],
  };
}

function splitAtEquals(pair: string): [string, string] {
  const at = pair.indexOf('=');
  if (at < 1) throw new Error(`-c ${pair}: write -c key=value.`);
  return [pair.slice(0, at), pair.slice(at + 1)];
}
