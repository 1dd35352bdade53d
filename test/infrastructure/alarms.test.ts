import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../support/source-files.ts';
import { synthesizePlatform } from '../support/synthesized-platform.ts';

const { resources } = synthesizePlatform();
const alarms = resources.filter(({ Type }) => Type === 'AWS::CloudWatch::Alarm');
const headings = readFileSync(join(ROOT, 'docs/runbook.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('## '))
  .map((line) => line.slice(3));

describe('alarms', () => {
  it.each(alarms)('lead from $name to an article of the runbook', ({ Properties }) => {
    const heading = /See docs\/runbook\.md, "(.+)"\./.exec(String(Properties.AlarmDescription))?.[1];

    expect(headings).toContain(heading);
  });

  it('are few enough to cost less than a dollar a month', () => {
    expect(alarms.length).toBeLessThanOrEqual(10);
  });

  it('leave no article without an alarm', () => {
    const described = JSON.stringify(alarms.map(({ Properties }) => Properties.AlarmDescription));

    expect(headings.filter((heading) => !described.includes(heading))).toEqual([]);
  });
});
