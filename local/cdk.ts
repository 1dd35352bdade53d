import { existsSync } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readTail } from './emulator.ts';
import { LocalCloudError } from './errors.ts';
import { killGroup, startGroup } from './process-group.ts';
import { repositoryDirectory, type Workspace } from './workspace.ts';

export interface CdkRun {
  readonly seconds: number;
  readonly directory: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Called as soon as `cdk deploy` is through with a stack. */
  readonly onStack?: (stack: string) => void;
}

/**
 * Runs the CDK's command line to its end.
 *
 * @throws LocalCloudError when it fails or takes longer than `seconds`, with the end of its output.
 */
export async function runCdk(workspace: Workspace, args: readonly string[], run: CdkRun): Promise<void> {
  const logFile = join(workspace.logsDirectory, `cdk-${args[0]}.log`);
  await mkdir(workspace.logsDirectory, { recursive: true });
  await rm(logFile, { force: true });
  const program = join(repositoryDirectory, 'node_modules', 'aws-cdk', 'bin', 'cdk');
  const group = startGroup(process.execPath, [program, ...args, '--no-color'], {
    environment: cdkEnvironment(run.environment, process.env),
    directory: run.directory,
    logFile,
  });
  const deadline = Date.now() + run.seconds * 1000;
  const reported = new Set<string>();
  while (group.isRunning() && Date.now() < deadline) {
    await Promise.race([group.exit, sleep(250)]);
    await reportStacks(logFile, reported, run.onStack);
  }
  const isLate = group.isRunning();
  await killGroup(group.pid);
  const outcome = isLate ? `took longer than ${run.seconds} s` : await group.exit;
  if (outcome === 'exit code 0') return;
  throw new LocalCloudError(`'cdk ${args[0]}' failed (${outcome}); its output is in ${logFile}.`, {
    evidence: await readTail(logFile, 40),
  });
}

async function reportStacks(
  logFile: string,
  reported: Set<string>,
  onStack?: (stack: string) => void,
): Promise<void> {
  if (onStack === undefined || !existsSync(logFile)) return;
  for (const stack of finishedStacks(await readFile(logFile, 'utf8'))) {
    if (!reported.has(stack)) onStack(stack);
    reported.add(stack);
  }
}

/** The stacks that a `cdk deploy` has finished, from its output so far. */
export function finishedStacks(output: string): string[] {
  return [...output.matchAll(/^ ?✅ {2}(\S+)/gm)].map((match) => match[1] ?? '');
}

/** The environment of the CDK: the project's Node first, no account, profile or proxy of the user's own. */
export function cdkEnvironment(
  own: Readonly<Record<string, string>>,
  inherited: NodeJS.ProcessEnv,
): NodeJS.ProcessEnv {
  const kept = Object.entries(inherited).filter(
    ([name]) => !/^(AWS_|CDK_|https?_proxy$|all_proxy$)/i.test(name),
  );
  return {
    ...Object.fromEntries(kept),
    PATH: [dirname(process.execPath), inherited.PATH ?? ''].join(delimiter),
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    CDK_DISABLE_CLI_TELEMETRY: 'true',
    ...own,
  };
}
