import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {combine} from '../../src/lib/schema-change/rows/combinations.js'
import {fillTables} from '../../src/lib/schema-change/rows/fill.js'
import {conjunctsOf} from '../../src/lib/schema-change/rows/literals.js'
import {lostRows, type Renames} from '../../src/lib/schema-change/rows/lost-rows.js'
import {sampleOfLike, sampleOfPattern} from '../../src/lib/schema-change/rows/pattern-sample.js'
import {readRows, type RowsByTable, type TableRows} from '../../src/lib/schema-change/rows/read-rows.js'
import {sequencesBehind} from '../../src/lib/schema-change/rows/sequences.js'
import {connected, query, uniqueName, urlOf} from '../support/databases.js'

const key = (table: string): string => JSON.stringify(['public', table])

describe('sequencesBehind', () => {
  it('finds sequences of each kind that would give a value again', async () => {
    const database = uniqueName('rows')
    await query('postgres', `create database ${database}`)
    await connected(urlOf(database), async (client) => {
      await client.query(`create schema "S s"; create domain d as int;
        create table a (serial_ serial, fine serial, "Id" int generated always as identity, down int generated always as identity (increment -1));
        create sequence "S s"."Plain"; create sequence round cycle; create sequence owned increment 5;
        create table b (x d default nextval('"S s"."Plain"'), y bigint default nextval('round'), z numeric, t text);
        alter sequence owned owned by b.z; create sequence texts owned by b.t;
        create table p (id serial, k int) partition by list (k); create table p1 partition of p for values in (1);
        insert into a overriding system value values (5, 1, 5, -5); select nextval('a_fine_seq');
        insert into b values (5, 5, 5.5, '5'); insert into p values (5, 1)`)
      expect((await sequencesBehind(client)).map(({sequence, column}) => `${sequence} ${column}`)).toEqual(
        ['a_Id_seq Id', 'a_down_seq down', 'a_serial__seq serial_', 'owned z', 'p_id_seq id', 'Plain x'].sort(),
      )
      expect((await sequencesBehind(client)).find(({sequence}) => sequence === 'Plain')).toEqual({
        sequence: 'Plain',
        table: 'b',
        ...{column: 'x', descending: false},
        sequenceSql: '"S s"."Plain"',
        tableSql: 'public.b',
        columnSql: 'x',
      })
      await fillTables(client)
      expect(await sequencesBehind(client)).toEqual([])
    })
    await query('postgres', `drop database ${database}`)
  })
})

describe('readRows', () => {
  it('reads a partitioned table as a whole, and of others only their own rows, in one form', async () => {
    const database = uniqueName('rows')
    await query('postgres', `create database ${database}`)
    await connected(urlOf(database), async (client) => {
      await client.query(`create table p (a int) partition by list (a); create table p1 partition of p default;
        create table base (d date, c regclass); create table derived () inherits (base); create table none ();
        insert into p values (1), (2); insert into derived values ('2024-12-31', 'p'); insert into none default values;
        create extension file_fdw; create server f foreign data wrapper file_fdw;
        create table far (a int) partition by list (a);
        create foreign table far1 partition of far default server f options (filename '/nowhere')`)
      await client.query("set datestyle = 'German'")
      const rows = await readRows(client)
      expect([...rows].map(([table, {rows: all}]) => [table, all])).toEqual([
        [key('base'), []],
        [key('derived'), [['2024-12-31', 'public.p']]],
        [key('none'), [[]]],
        [key('p'), [['1'], ['2']]],
        [key('p1'), [['1'], ['2']]],
      ])
      expect((await client.query('show datestyle')).rows).toEqual([{DateStyle: 'German, DMY'}])
    })
    await query('postgres', `drop database ${database}`)
  })
})

describe('lostRows', () => {
  const noRenames: Renames = {tables: new Map(), columns: new Map()}
  const columns = (...names: string[]): TableRows['columns'] =>
    names.map((text) => {
      const [name = '', type = 'integer', generated] = text.split(' ')
      return {name, type, generated: generated !== undefined}
    })
  const only = (table: Omit<TableRows, 'shown'>, name = 't'): RowsByTable =>
    new Map([[key(name), {shown: name, ...table}]])
  const losses = (
    before: Omit<TableRows, 'shown'>,
    after: Omit<TableRows, 'shown'>,
    renames = noRenames,
  ): ReturnType<typeof lostRows> => lostRows(only(before), only(after), renames)
  const ab = columns('a', 'b')
  const rows = [
    ['1', 'x'],
    ['2', null],
  ]

  it('finds nothing if rows and columns come in another order', () => {
    const after = {
      columns: columns('new', 'b', 'a'),
      rows: [
        ['9', null, '2'],
        ['9', 'x', '1'],
      ],
    }
    expect(losses({columns: ab, rows}, after)).toEqual([])
  })

  it.each([
    ['lost rows', ab, [['1', 'x']], null, '1 row lost: 2 before, 1 after'],
    ['added rows', ab, [...rows, ['3', null]], null, '1 row added: 2 before, 3 after'],
    [
      'lost values',
      ab,
      [
        ['1', null],
        ['2', null],
      ],
      'b',
      '1 value lost or changed',
    ],
    [
      'mixed values',
      ab,
      [
        ['1', null],
        ['2', 'x'],
      ],
      null,
      '2 rows with values of other rows',
    ],
    [
      'another type',
      columns('a', 'b text'),
      [
        ['1', null],
        ['2', null],
      ],
      'b',
      '1 value before, 0 after',
    ],
  ])('finds %s', (_, after, changed, column, message) => {
    expect(losses({columns: ab, rows}, {columns: after, rows: changed})).toEqual([{table: 't', column, message}])
  })

  it('does not compare values of another type, or what is gone, new or generated', () => {
    const after = {
      columns: columns('a bigint', 'b integer generated', 'c'),
      rows: [
        ['8', 'y', '1'],
        ['9', 'z', '1'],
      ],
    }
    expect(losses({columns: columns('a', 'b', 'gone'), rows: rows.map((row) => [...row, '1'])}, after)).toEqual([])
    expect(lostRows(only({columns: ab, rows}), new Map(), noRenames)).toEqual([])
    expect(lostRows(new Map(), only({columns: ab, rows}), noRenames)).toEqual([])
  })

  it('compares a column that was generated and is plain now', () => {
    const before = {columns: columns('a', 'b integer generated'), rows}
    expect(
      losses(before, {
        columns: ab,
        rows: [
          ['1', 'x'],
          ['2', 'y'],
        ],
      }),
    ).toEqual([{table: 't', column: 'b', message: '1 value lost or changed'}])
  })

  it('follows renamed tables and columns, also those that change places', () => {
    const renames: Renames = {
      tables: new Map([
        [key('t'), key('u')],
        [key('u'), key('t')],
      ]),
      columns: new Map([
        [JSON.stringify(['public', 't', 'a']), 'b'],
        [JSON.stringify(['public', 't', 'b']), 'a'],
      ]),
    }
    const swapped = {columns: columns('b', 'a'), rows}
    const other = {columns: columns('z'), rows: [['5']]}
    const before = new Map([...only({columns: ab, rows}), ...only(other, 'u')])
    expect(lostRows(before, new Map([...only(swapped, 'u'), ...only(other, 't')]), renames)).toEqual([])
    expect(lostRows(before, new Map([...only(swapped, 't'), ...only(other, 'u')]), renames)).toEqual([
      {table: 't', column: null, message: '1 row lost: 2 before, 1 after'},
      {table: 'u', column: null, message: '1 row added: 1 before, 2 after'},
    ])
  })

  it('finds nothing exactly if the rows are the same in some order', () => {
    const value = fc.option(fc.constantFrom('1', '2', '3'), {nil: null})
    const some = fc.array(fc.tuple(value, value), {maxLength: 4})
    const sorted = (all: readonly (readonly (string | null)[])[]): string[] =>
      all.map((row) => JSON.stringify(row)).sort()
    fc.assert(
      fc.property(some, some, (old, now) => {
        const found = losses({columns: ab, rows: old}, {columns: ab, rows: now})
        expect(found.length === 0).toBe(JSON.stringify(sorted(old)) === JSON.stringify(sorted(now)))
      }),
    )
  })
})

describe('samples of patterns', () => {
  it.each([
    '^[a-z0-9_]{3,20}$',
    '^(?:GB|DE)\\d{2}[A-Z]{4}\\d+$',
    '^\\+?[1-9]\\d{6,14}$',
    '^[^@\\s]+@[^@\\s]+\\.[a-z]{2,}$',
    '^(a|bc|d(e|f)?)+-?x*$',
    '^#[0-9a-fA-F]{6}$',
    '^[]x-]+[.]$',
    '^(?=a)a.{4}$',
  ])('%s', (pattern) => {
    for (const variant of [0, 1, 2, 3])
      expect(sampleOfPattern(pattern, variant)).toMatch(new RegExp(pattern.replace('[]', '[\\]')))
  })

  it('ends for every text, and differs by the variant', () => {
    fc.assert(
      fc.property(
        fc.string({unit: fc.constantFrom(...'([{)]}|\\^$*+?.,-a1:')}),
        (text) => void sampleOfPattern(text, 1),
      ),
    )
    expect([1, 2].map((variant) => sampleOfPattern('^[a-z]+$', variant))).toEqual(['b', 'c'])
    expect([1, 2].map((variant) => sampleOfLike('a\\%%_', variant))).toEqual(['a%1a', 'a%2a'])
  })
})

it('splits what AND joins', () => {
  expect(conjunctsOf("((a > 1) AND (b = ' AND ('::text) AND ((c AND d) OR e))")).toEqual([
    'a > 1',
    "b = ' AND ('::text",
    '(c AND d) OR e',
  ])
  expect(conjunctsOf('(a = ANY (ARRAY[1, 2]))')).toEqual(['a = ANY (ARRAY[1, 2])'])
  expect(conjunctsOf('(a) + (b)')).toEqual(['(a) + (b)'])
})

it('combines candidates without repetition, all of them if they are few', () => {
  expect(
    combine(
      [
        ['1', '2'],
        ['x', null],
      ],
      10,
    ),
  ).toHaveLength(4)
  const many = combine([[...'abcdefgh'], [...'abcdefgh'], [...'abcdefgh']], 100)
  expect(new Set(many.map((one) => JSON.stringify(one))).size).toBe(100)
  expect(combine([['1'], []], 10)).toEqual([])
})
