import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isGroupAlive } from '../../../local/process-group.ts';
import { cleanUpEarlierRun, stopRunning, writeRunning } from '../../../local/running.ts';
import { type Workspace, workspaceAt } from '../../../local/workspace.ts';

/** Above every system's largest process number. */
const nobody = 2 ** 30;
let workspace: Workspace;

beforeEach(async () => {
  workspace = workspaceAt(await mkdtemp(join(tmpdir(), 'running-')));
});

afterEach(() => rm(workspace.directory, { recursive: true }));

/** A process group whose leader's command line has a given text in it. */
function startGroupNamed(text: string): number {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)', text], {
    detached: true,
    stdio: 'ignore',
  });
  return child.pid ?? 0;
}

describe('cleanUpEarlierRun', () => {
  it('ends the emulator that a killed run has left, and forgets the run', async () => {
    const emulatorPid = startGroupNamed('local/emulator/launch.py');
    await writeRunning(workspace, { mainPid: nobody, emulatorPid });

    await cleanUpEarlierRun(workspace);

    expect(isGroupAlive(emulatorPid)).toBe(false);
    expect(existsSync(workspace.pidFile)).toBe(false);
  });

  it('leaves a stranger alone that has got the number since', async () => {
    const stranger = startGroupNamed('something else');
    await writeRunning(workspace, { mainPid: nobody, emulatorPid: stranger });

    await cleanUpEarlierRun(workspace);

    expect(isGroupAlive(stranger)).toBe(true);
    process.kill(-stranger, 'SIGKILL');
  });

  it('refuses to start beside a run that is alive', async () => {
    const mainPid = startGroupNamed('local/main.ts');
    await writeRunning(workspace, { mainPid, emulatorPid: nobody });

    const refusal = cleanUpEarlierRun(workspace);

    await expect(refusal).rejects.toThrow(`running already (process ${mainPid})`);
    process.kill(-mainPid, 'SIGKILL');
  });
});

describe('stopRunning', () => {
  it('says that nothing runs when nothing does', async () => {
    expect(await stopRunning(workspace, 1)).toBe(false);
  });

  it('ends the process that holds the front door', async () => {
    const mainPid = startGroupNamed('local/main.ts');
    await writeRunning(workspace, { mainPid, emulatorPid: nobody });

    const stopped = await stopRunning(workspace, 5);

    expect([stopped, isGroupAlive(mainPid)]).toEqual([true, false]);
  });
});
