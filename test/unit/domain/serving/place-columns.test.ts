import { describe, expect, it } from 'vitest';
import { placeColumns } from '../../../../domain/serving/place-columns.ts';
import type { GraphValue } from '../../../../domain/serving/ports.ts';
import type { ColumnSpec, ColumnType } from '../../../../domain/shared/signature.ts';
import { graphValue } from '../../../support/serving-models.ts';

const TABLE: readonly [name: string, type: ColumnType][] = [
  ['Age (years)', 'double'],
  ['income', 'double'],
  ['city', 'string'],
  ['plan', 'string'],
  ['visits', 'long'],
];

function place(columns: readonly [name: string, type: ColumnType][], ...inputs: GraphValue[]) {
  const specs = columns.map(([name, type]): ColumnSpec => ({ name, type, required: true }));
  return placeColumns(specs, inputs);
}

/** For each column the name of its input and its place in it. */
function ways(columns: readonly [name: string, type: ColumnType][], ...inputs: GraphValue[]) {
  return place(columns, ...inputs)?.places.map(({ input, offset }) => `${inputs[input]?.name}[${offset}]`);
}

const column = (name: string, type = 'float32') => graphValue(name, type, ['N', 1]);

describe('placeColumns', () => {
  it('knows names again that a converter changed, in any order', () => {
    const placed = ways(
      TABLE,
      column('visits', 'int64'),
      column('Age__years_'),
      column('plan', 'string'),
      column('city', 'string'),
      column('income'),
    );

    expect(placed).toEqual(['Age__years_[0]', 'income[0]', 'city[0]', 'plan[0]', 'visits[0]']);
  });

  it('fills a matrix for each kind of column in the order of the signature', () => {
    const inputs = [graphValue('num', 'float32', ['N', 3]), graphValue('cat', 'string', ['N', 2])];

    expect(ways(TABLE, ...inputs)).toEqual(['num[0]', 'num[1]', 'cat[0]', 'cat[1]', 'num[2]']);
    expect(place(TABLE, ...inputs)).toMatchObject({ widths: [3, 2], byOrder: true });
  });

  it('prefers the input of the own kind, and takes names first', () => {
    const placed = ways(
      TABLE,
      graphValue('numbers', 'float32', ['N', 2]),
      graphValue('counts', 'int64', ['N', 'K']),
      column('plan', 'string'),
      column('City', 'string'),
    );

    expect(placed).toEqual(['numbers[0]', 'numbers[1]', 'City[0]', 'plan[0]', 'counts[0]']);
  });

  it('goes by the order when no name says anything', () => {
    const columns: [string, ColumnType][] = [
      ['a', 'double'],
      ['b', 'string'],
    ];

    expect(place(columns, column('input_0'), column('input_1', 'string'))).toMatchObject({ byOrder: true });
    expect(ways(columns, column('input_0'), column('input_1', 'string'))).toEqual([
      'input_0[0]',
      'input_1[0]',
    ]);
  });

  it.each<[string, [string, ColumnType][], GraphValue[]]>([
    [
      'only some names fit',
      [
        ['a', 'double'],
        ['b', 'double'],
      ],
      [column('a'), column('x')],
    ],
    [
      'a column is left over',
      [
        ['a', 'double'],
        ['b', 'double'],
        ['c', 'double'],
      ],
      [graphValue('x', 'float32', ['N', 2])],
    ],
    ['an input is left over', [['a', 'double']], [graphValue('x', 'float32', ['N', 2])]],
    [
      'no input holds a kind of column',
      [
        ['a', 'double'],
        ['b', 'string'],
        ['c', 'string'],
      ],
      [graphValue('x', 'float32', ['N', 2]), graphValue('y', 'string', ['N', 1])],
    ],
    ['there is no input', [['a', 'double']], []],
  ])('places nothing when %s', (_, columns, inputs) => {
    expect(place(columns, ...inputs)).toBeUndefined();
  });

  it('does not guess between columns whose names become the same', () => {
    const columns: [string, ColumnType][] = [
      ['a b', 'double'],
      ['a-b', 'double'],
      ['c', 'double'],
    ];

    expect(place(columns, column('a_b'), column('a_b1'), column('c'))).toBeUndefined();
  });
});
