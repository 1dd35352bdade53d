import { describe, expect, it } from 'vitest';
import { MemoryStore } from '../../../../adapters/memory/memory-store.ts';
import { buildProfile } from '../../../../domain/shared/profile/build-profile.ts';
import { numericColumn, type Table } from '../../../../domain/shared/table.ts';
import { acceptVersion, findAcceptedBefore } from '../../../../domain/training/accepted-versions.ts';
import { DatasetRefusedError } from '../../../../domain/training/errors.ts';
import { requireUsable, validateRows } from '../../../../domain/training/validate-rows.ts';
import { NOON_MS } from '../../../support/call-context.ts';
import { makeSettings } from '../../../support/training-world.ts';

const COLUMNS = ['at', 'hour', 'left', 'note'].map((name) => ({ name, kind: 'numeric' }));

function makeTable(names: readonly string[], scale = 1): Table {
  const rows = 500;
  const values = Array.from({ length: rows }, (_, i) => scale * (1 + (i % 97)));
  return { rows, columns: Object.fromEntries(names.map((name) => [name, numericColumn(values)])) };
}

function validate(settings: Record<string, unknown>, table: Table, previous?: Table) {
  const profile = previous && buildProfile(previous);
  return validateRows({ table, columns: COLUMNS, previous: profile }, makeSettings(settings), NOON_MS);
}

describe('validating rows for a pipeline', () => {
  it('asks for label, time, features and slices, each once', () => {
    const settings = {
      features: ['hour'],
      slices: { columns: ['city'] },
      expectations: { columns: [{ name: 'hour', kind: 'numeric' }] },
    };

    const findings = validate(settings, makeTable(['note']));

    expect(findings.map(({ code, column }) => `${code} ${column}`).sort()).toEqual([
      'MISSING_COLUMN at',
      'MISSING_COLUMN city',
      'MISSING_COLUMN hour',
      'MISSING_COLUMN left',
    ]);
  });

  it('compares the columns it uses with those of the version before, and no others', () => {
    const table = makeTable(['at', 'hour', 'left']);
    const previous = makeTable(['at', 'hour', 'left', 'note']);

    const used = validate({ features: ['hour'] }, makeTable(['at', 'hour', 'left'], 60), previous);
    const unused = validate({ features: ['hour'] }, table, previous);

    expect(used.map(({ code, column }) => `${code} ${column}`)).toContain('SCALE_CHANGED hour');
    expect(unused).toEqual([]);
  });

  it('does not compare when the pipeline says so', () => {
    const expectations = { compareWithPrevious: false };
    const table = makeTable(['at', 'hour', 'left'], 60);

    const findings = validate({ features: ['hour'], expectations }, table, makeTable(['at', 'hour', 'left']));

    expect(findings).toEqual([]);
  });

  it('checks how old the newest row is by the pipeline’s time', () => {
    const settings = { features: ['hour'], expectations: { maxAgeHours: 1, minRows: 1000 } };

    const findings = validate(settings, makeTable(['at', 'hour', 'left']));

    expect(findings.map(({ code }) => code).sort()).toEqual(['STALE', 'TOO_FEW_ROWS']);
  });
});

describe('findings', () => {
  const warning = { code: 'ROWS_DROPPED', severity: 'warning', message: 'Fewer rows.' } as const;
  const error = { code: 'STALE', severity: 'error', message: 'Too old.' } as const;

  it('let warnings pass', () => {
    expect(() => requireUsable([warning], 'rows', 1)).not.toThrow();
  });

  it('refuse a version with each error in a line of its own', () => {
    const refuse = () => requireUsable([error, warning, { ...error, message: 'Too few.' }], 'rows', 7);

    expect(refuse).toThrow(DatasetRefusedError);
    expect(refuse).toThrow("Version 7 of 'rows' must not be trained on:\nToo old.\nToo few.");
  });
});

describe('accepted versions', () => {
  it('are found by dataset, the newest below a version', async () => {
    const store = new MemoryStore();
    for (const version of [1, 2, 2, 5])
      await acceptVersion(store, 'acme', 'weekly', { dataset: 'rows', version });

    const find = (dataset: string, version: number) =>
      findAcceptedBefore(store, 'acme', 'weekly', { dataset, version });

    expect(await find('rows', 6)).toBe(5);
    expect(await find('rows', 5)).toBe(2);
    expect(await find('rows', 1)).toBeUndefined();
    expect(await find('others', 6)).toBeUndefined();
  });
});
