import { describe, expect, it } from 'vitest';
import { readCsv } from '../../../../domain/serving/read-csv.ts';
import { InvalidInputError } from '../../../../domain/shared/domain-error.ts';
import { columnsBinding } from '../../../support/serving-models.ts';

const read = (text: string) => readCsv(text, columnsBinding()).dataframe_split;

describe('readCsv', () => {
  it('reads values in the types of their columns', () => {
    const table = read('age,city,visits,member\n41.5,Bern,3,True\n,,9007199254740993,false\n');

    expect(table).toEqual({
      columns: ['age', 'city', 'visits', 'member'],
      data: [
        [41.5, 'Bern', 3, true],
        [null, null, 9007199254740993n, false],
      ],
    });
  });

  it('reads quoted fields, CRLF and a last line without an end', () => {
    const table = read('"age",city\r\n1,"a ""b"",\nc"\r\n2,');

    expect(table.data).toEqual([
      [1, 'a "b",\nc'],
      [2, null],
    ]);
  });

  it('leaves what is no number to be refused with its place', () => {
    expect(read('age,member,other\nold,yes,1').data).toEqual([['old', 'yes', '1']]);
  });

  it.each([
    ['an empty body', ''],
    ['an open quote', 'age\n"1'],
    ['text after a quote', 'age\n"1"2'],
  ])('refuses %s', (_, text) => {
    expect(() => read(text)).toThrow(InvalidInputError);
  });
});
