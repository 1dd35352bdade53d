import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UsageError } from '../../../../cli/errors.ts';
import { runDriftCompare } from '../../../../cli/offline/drift-compare.ts';
import { readTableFile } from '../../../../cli/offline/read-table-file.ts';
import { cellOf } from '../../../../domain/shared/table.ts';
import { createRandom, normal } from '../../../support/made-tables.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'drift-compare-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

function writeRows(name: string, seed: number, rows: number, shift = 0): string {
  const random = createRandom(seed);
  const lines = Array.from({ length: rows }, (_, i) => {
    const at = new Date(i * 60_000).toISOString();
    return `${at},${normal(random) + shift},"kind ${Math.floor(random() * 3)}"`;
  });
  return write(name, `at,x,kind\n${lines.join('\n')}\n`);
}

describe('runDriftCompare', () => {
  it('is calm about two files of one world', async () => {
    const reference = writeRows('calm-reference.csv', 1, 2000);
    const current = writeRows('calm-current.csv', 2, 500);

    const { report, exitCode, text } = await runDriftCompare({ reference, current, failOn: 'moderate' });

    expect(report.verdict).toBe('NONE');
    expect(report.columns.map(({ column, kind }) => [column, kind])).toEqual([
      ['x', 'numeric'],
      ['kind', 'categorical'],
    ]);
    expect(report.skipped).toEqual([{ column: 'at', reason: 'orders the rows' }]);
    expect(exitCode).toBe(0);
    expect(text).toContain('verdict: NONE (500 rows against 2000)');
  });

  it('exits with 3 on drift when it is told to, and only then', async () => {
    const reference = writeRows('drift-reference.csv', 3, 2000);
    const current = writeRows('drift-current.csv', 4, 500, 0.6);

    const strict = await runDriftCompare({ reference, current, json: true, failOn: 'MODERATE' });
    const lenient = await runDriftCompare({ reference, current });

    expect(strict.exitCode).toBe(3);
    expect(JSON.parse(strict.text)).toMatchObject({ verdict: strict.report.verdict });
    expect(lenient.exitCode).toBe(0);
    expect(lenient.text).toMatch(/x {2,}numeric {2,}0\.\d+/);
    expect(lenient.text).toContain('of 2 features drift');
  });

  it.each([
    ['a file that is absent', { current: '/nowhere/x.csv' }, /no file/],
    ['a type it does not know', { current: 'package.json' }, /neither \.parquet nor \.csv/],
    ['a verdict it does not know', { failOn: 'BAD' }, /--fail-on is one of/],
  ])('refuses %s', async (_, options, message) => {
    const reference = writeRows('refusal.csv', 5, 50);

    const run = runDriftCompare({ reference, current: reference, ...options });

    await expect(run).rejects.toThrow(UsageError);
    await expect(run).rejects.toThrow(message);
  });

  it('refuses files without a common column, empty files and broken ones', async () => {
    const reference = writeRows('some.csv', 6, 50);
    const other = write('other.csv', 'y\n1\n');
    const empty = write('empty.csv', '');
    const unclosed = write('unclosed.csv', 'y\n"1');
    const broken = write('broken.parquet', 'no parquet at all');

    await expect(runDriftCompare({ reference, current: other })).rejects.toThrow(/no column in common/);
    await expect(runDriftCompare({ reference, current: empty })).rejects.toThrow(/is empty/);
    await expect(runDriftCompare({ reference, current: unclosed })).rejects.toThrow(/does not end/);
    await expect(runDriftCompare({ reference, current: broken })).rejects.toThrow(/cannot be read/);
  });

  it('tells of columns that are only in the current file', async () => {
    const reference = write('narrow.csv', `a\n${'1\n2\n'.repeat(40)}`);
    const current = write('wide.csv', `b,a\n${'7,1\n8,2\n'.repeat(40)}`);

    const { report } = await runDriftCompare({ reference, current });

    expect(report.skipped).toEqual([{ column: 'b', reason: 'only in the current file' }]);
  });
});

describe('readTableFile of CSV', () => {
  it('reads quotes, line ends, gaps and the kinds of columns', async () => {
    const path = write(
      'kinds.csv',
      '\uFEFFn,text,when,flag\r\n1,"a ""b"", c",2024-01-02,true\r\n,NA,2024-01-03T00:00:00Z,false\r\n\r\n-inf,"two\nlines",,',
    );

    const { table, kinds, timeColumns } = await readTableFile(path);

    expect(kinds).toEqual({ n: 'numeric', text: 'category', when: 'time', flag: 'category' });
    expect(timeColumns).toEqual(['when']);
    expect([0, 1, 2].map((row) => cellOf(table.columns.text!, row))).toEqual([
      'a "b", c',
      null,
      'two\nlines',
    ]);
    expect([0, 1, 2].map((row) => cellOf(table.columns.n!, row))).toEqual([
      1,
      null,
      Number.NEGATIVE_INFINITY,
    ]);
    expect(cellOf(table.columns.when!, 0)).toBe(Date.parse('2024-01-02'));
  });

  it('takes a column as what it is in the other file', async () => {
    const path = write('forced.csv', 'code,size\n1,3\n2,many\n');

    const { table } = await readTableFile(path, { code: 'category', size: 'numeric' });

    expect(cellOf(table.columns.code!, 0)).toBe('1');
    expect(cellOf(table.columns.size!, 1)).toBeNull();
  });

  it('reads tabs and a separator at the end', async () => {
    const path = write('tabs.tsv', 'a\tb\n1\t2\n3\t');

    const { table } = await readTableFile(path);

    expect(table.rows).toBe(2);
    expect(cellOf(table.columns.b!, 1)).toBeNull();
  });
});

describe('readTableFile of Parquet', () => {
  it('reads dates as times, numbers and categories', async () => {
    const path = join(import.meta.dirname, '../../../../node_modules/vega-datasets/data/flights-3m.parquet');

    const { table, kinds } = await readTableFile(path);

    expect(table.rows).toBe(3_000_000);
    expect(kinds).toEqual({
      date: 'time',
      delay: 'numeric',
      distance: 'numeric',
      origin: 'category',
      destination: 'category',
    });
    expect(cellOf(table.columns.origin!, 0)).toMatch(/^[A-Z]{3}$/);
    expect(new Date(cellOf(table.columns.date!, 0) as number).getUTCFullYear()).toBe(2001);
  }, 30_000);
});
