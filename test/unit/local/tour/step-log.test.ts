import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hold, StepLog } from '../../../../local/tour/step-log.ts';

describe('StepLog', () => {
  it('keeps a step that does not hold with its reason, and throws it on', async () => {
    const log = new StepLog(() => {});
    await log.run('first', async () => ({ value: 1, evidence: { rows: 3 } }));

    const failing = log.run('second', async () => {
      hold(false, 'It took 30 s.');
      return { value: 2, evidence: {} };
    });

    await expect(failing).rejects.toThrow('It took 30 s.');
    expect(log.held).toBe(false);
    expect(log.steps).toMatchObject([
      { name: 'first', ok: true, evidence: { rows: 3 } },
      { name: 'second', ok: false, evidence: { reason: 'It took 30 s.' } },
    ]);
  });

  it('holds only after a step', () => {
    expect(new StepLog(() => {}).held).toBe(false);
  });

  it('writes its steps as JSON', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'steps-'));
    const log = new StepLog(() => {});
    await log.run('only', async () => ({ value: 1, evidence: {} }));

    await log.write(join(folder, 'tour.json'));

    const written = JSON.parse(await readFile(join(folder, 'tour.json'), 'utf8')) as unknown;
    expect(written).toMatchObject({ steps: [{ name: 'only', ok: true }] });
    await rm(folder, { recursive: true });
  });
});
