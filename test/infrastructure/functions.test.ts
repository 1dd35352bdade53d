import { globSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type * as z from 'zod';
import { RESERVED_CONCURRENCY } from '../../lib/config/quotas.ts';
import { ROOT } from '../support/source-files.ts';
import { resolveText, synthesizePlatform } from '../support/synthesized-platform.ts';

const { resources, functions, bundledEntries } = synthesizePlatform();
const entries = globSync('functions/*/*/handler.ts', { cwd: ROOT }).map((file) =>
  dirname(file).slice('functions/'.length),
);

describe.each(functions)('$entry', (target) => {
  const { Properties, entry } = target;

  it('runs on Node 24, is traced, logs JSON into a group of its own', () => {
    expect(Properties).toMatchObject({
      Runtime: 'nodejs24.x',
      TracingConfig: { Mode: 'Active' },
      LoggingConfig: { LogFormat: 'JSON', LogGroup: expect.anything() },
    });
  });

  it('gives up before its caller does', () => {
    const limitSeconds = entry.endsWith('/answer-api') || entry === 'access/answer-unknown-route' ? 29 : 900;

    expect(Properties.Timeout).toBeLessThanOrEqual(limitSeconds);
  });

  it('gets the variables that its environment.ts asks for', async () => {
    const { environment } = (await import(join(ROOT, 'functions', entry, 'environment.ts'))) as {
      environment: z.ZodType;
    };
    const { Variables = {} } = (Properties.Environment ?? {}) as { Variables?: Record<string, unknown> };
    const values = Object.fromEntries(
      Object.entries(Variables).map(([name, value]) => [name, resolveText(value)]),
    );

    const { error } = environment.safeParse(values);

    expect(error?.issues ?? []).toEqual([]);
  });

  it('has a caller', () => {
    const reference = JSON.stringify(target.logicalId);
    const callers = resources.filter(
      ({ name, stack, Type, Properties: properties }) =>
        stack === target.stack &&
        name !== target.name &&
        !['AWS::IAM::Policy', 'AWS::CloudWatch::Alarm'].includes(Type) &&
        // What becomes of its own failures is no call; of another's, it is.
        !(Type === 'AWS::Lambda::EventInvokeConfig' && refersTo(properties.FunctionName, reference)) &&
        refersTo(properties, reference),
    );

    expect(callers.map(({ Type }) => Type)).not.toEqual([]);
  });
});

describe('functions', () => {
  it('are all deployed', () => {
    const deployed = [...functions.map(({ entry }) => entry), ...bundledEntries];

    expect(entries.filter((entry) => !deployed.includes(entry))).toEqual([]);
  });

  it('keep the event of a failed asynchronous call', () => {
    const rules = resources.filter(({ Type }) => Type === 'AWS::Events::Rule');
    const kept = resources
      .filter(({ Type }) => Type === 'AWS::Lambda::EventInvokeConfig')
      .filter(({ Properties }) => JSON.stringify(Properties).includes('OnFailure'))
      .map(({ stack, Properties }) => `${stack}/${(Properties.FunctionName as { Ref: string }).Ref}`);

    const forgotten = functions.filter(
      ({ name, logicalId, stack }) =>
        rules.some(
          (rule) =>
            rule.stack === stack && JSON.stringify(rule.Properties.Targets).includes(`"${logicalId}"`),
        ) && !kept.includes(name),
    );

    expect(forgotten.map(({ entry }) => entry)).toEqual([]);
  });

  it('hide messages from a queue six times as long as their consumer may take', () => {
    const mappings = resources.filter(
      ({ Type, Properties }) =>
        Type === 'AWS::Lambda::EventSourceMapping' && JSON.stringify(Properties).includes('landingqueue'),
    );
    const slow = mappings.filter(({ stack, Properties }) => {
      const { Ref } = Properties.FunctionName as { Ref: string };
      const consumer = functions.find(({ name }) => name === `${stack}/${Ref}`);
      return (consumer?.Properties.Timeout as number) > 120;
    });

    expect(slow.map(({ name }) => name)).toEqual([]);
  });

  it('reserve concurrency only when the installation wants it', () => {
    const reserving = functions.filter(
      ({ Properties }) => Properties.ReservedConcurrentExecutions !== undefined,
    );
    const { functions: reserved } = synthesizePlatform({ reservedConcurrency: 'true' });

    expect(reserving).toEqual([]);
    const sum = reserved
      .map(({ Properties }) => Number(Properties.ReservedConcurrentExecutions ?? 0))
      .reduce((total, each) => total + each, 0);
    expect(sum).toBeGreaterThan(0);
    expect(sum).toBeLessThanOrEqual(RESERVED_CONCURRENCY);
  });

  it('log for as long as the installation says', () => {
    const groups = resources.filter(({ Type }) => Type === 'AWS::Logs::LogGroup');

    expect(groups.filter(({ Properties }) => Properties.RetentionInDays !== 30)).toEqual([]);
  });
});

function refersTo(value: unknown, reference: string): boolean {
  return JSON.stringify(value).includes(reference);
}
