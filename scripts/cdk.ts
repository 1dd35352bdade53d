import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');

/**
 * Runs the project's own CDK on the project's own Node.
 *
 * @throws Error when it ends with anything but 0.
 */
export function runCdk(options: readonly string[]): void {
  const bin = join(ROOT, 'node_modules/.bin');
  const env = {
    ...process.env,
    PATH: `${bin}:${process.env.PATH ?? ''}`,
    CDK_DISABLE_CLI_TELEMETRY: 'true',
  };
  const { status } = spawnSync(join(bin, 'cdk'), options, { cwd: ROOT, stdio: 'inherit', env });
  if (status !== 0) throw new Error(`cdk ${options[0]} ended with ${status}.`);
}
