import { rm } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { abandonCloud, type Cloud, findRunningCloud, finishCloud } from './cloud.ts';
import { reportReady, startDetached } from './detach.ts';
import { LocalCloudError } from './errors.ts';
import { readPort } from './ports.ts';
import { killStartedGroups } from './process-group.ts';
import { stopRunning } from './running.ts';
import { runStepsVisibly } from './step-list.ts';
import { draftCloud } from './steps.ts';
import { hasTourHeld, runTour, tourResultFile } from './tour-runner.ts';
import { defaultWorkspaceDirectory, workspaceAt } from './workspace.ts';

const usage = `usage: npm start [-- --once | --no-tour | --detach | --fresh]   start the local cloud
       npm run tour                                          repeat the guided tour on a running one
       npm stop                                              stop it`;

/** Time for a detached cloud to write its state down. */
const stopGraceSeconds = 30;

async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parse(args);
  const [command = 'start'] = positionals;
  if (values.help === true) {
    console.log(usage);
    return 0;
  }
  if (command === 'start') return start(values);
  if (command === 'stop') return stop();
  if (command === 'tour') return tour();
  throw new UsageError(`There is no command '${command}'.`);
}

class UsageError extends Error {
  override readonly name = 'UsageError';
}

interface StartFlags {
  readonly once?: boolean | undefined;
  readonly 'no-tour'?: boolean | undefined;
  readonly detach?: boolean | undefined;
  readonly fresh?: boolean | undefined;
}

function parse(args: readonly string[]) {
  const flag = { type: 'boolean' } as const;
  const options = { once: flag, 'no-tour': flag, detach: flag, fresh: flag, help: flag };
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

async function start(flags: StartFlags): Promise<number> {
  const workspace = workspaceAt(defaultWorkspaceDirectory);
  if (flags.detach === true) {
    const args = (['no-tour', 'fresh'] as const)
      .filter((name) => flags[name] === true)
      .map((name) => `--${name}`);
    return startDetached(workspace, args);
  }
  const draft = draftCloud({
    port: readPort('PERENNIAL_PORT', 8080, process.env),
    cloudPort: readPort('PERENNIAL_CLOUD_PORT', 4566, process.env),
    fresh: flags.fresh === true,
  });
  const interrupted = onInterrupt();
  try {
    const outcome = await Promise.race([serve(), interrupted]);
    return outcome;
  } finally {
    await abandonCloud(draft);
    await killStartedGroups();
  }

  async function serve(): Promise<number> {
    await runStepsVisibly(draft);
    if (flags.fresh === true) await rm(tourResultFile(workspace.directory), { force: true });
    const cloud = await finishCloud(draft);
    const held = await tourIfWanted(cloud, flags);
    console.log(summary(cloud));
    if (flags.once === true) return held ? 0 : 1;
    reportReady();
    return stayUp(cloud);
  }
}

async function tourIfWanted(cloud: Cloud, flags: StartFlags): Promise<boolean> {
  if (flags['no-tour'] === true) return true;
  if (flags.once !== true && (await hasTourHeld(cloud.directory))) return true;
  return runTour(cloud);
}

async function stayUp(cloud: Cloud): Promise<number> {
  const reason = await cloud.exit;
  throw new LocalCloudError(`The AWS emulator ended (${reason}).`);
}

function summary(cloud: Cloud): string {
  return `
The platform is at   ${cloud.apiUrl}
AWS is at            ${cloud.awsEndpointUrl}  (CA: ${cloud.caFile})
Tokens are in        ${workspaceAt(cloud.directory).connectionFile}
Try                  npx perennial model list
Ctrl-C stops it, 'npm stop' stops a detached one; the state is kept.`;
}

/** Ends with 130 at the first Ctrl-C or SIGTERM; later ones must not disturb the clean-up. */
function onInterrupt(): Promise<number> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve(130));
  });
}

async function stop(): Promise<number> {
  const stopped = await stopRunning(workspaceAt(defaultWorkspaceDirectory), stopGraceSeconds);
  console.log(stopped ? 'The local cloud is stopped; its state is kept.' : 'No local cloud is running.');
  return 0;
}

async function tour(): Promise<number> {
  const cloud = await findRunningCloud();
  if (cloud === undefined)
    throw new LocalCloudError("No local cloud is running: start one with 'npm start'.");
  return (await runTour(cloud)) ? 0 : 1;
}

function report(error: unknown): number {
  if (error instanceof UsageError) {
    console.error(`${error.message}\n${usage}`);
    return 2;
  }
  if (error instanceof LocalCloudError) {
    if (error.evidence !== undefined) console.error(`\n${error.evidence}`);
    console.error(`\n${error.message}`);
    return 1;
  }
  console.error(error);
  return 1;
}

process.exit(await main(process.argv.slice(2)).catch(report));
