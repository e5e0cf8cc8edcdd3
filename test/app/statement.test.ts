import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {shape} from '../../src/lib/app/shape.js'
import {bind, parseStatement} from '../../src/lib/app/statement.js'
import {query} from '../support/databases.js'

const parse = (sql: string): [string, readonly string[]] => {
  const {text, names} = parseStatement(sql)
  return [text, names]
}

describe('named parameters', () => {
  it.each([
    ['select :a, :b, :a', 'select $1, $2, $1', ['a', 'b']],
    ['select :a::text, :b::int[]', 'select $1::text, $2::int[]', ['a', 'b']],
    ['select x::text', 'select x::text', []],
    ['select array[1,2,3][1:n]', 'select array[1,2,3][1:n]', []],
    ['select a[f(1):n], b[c[1]:n]', 'select a[f(1):n], b[c[1]:n]', []],
    ['call f(x := :x, y:=:y)', 'call f(x := $1, y:=$2)', ['x', 'y']],
    [
      "select ':a', E'\\':a', U&':a', \":a\", $$:a$$, $t$ :a $$ $t$, :b",
      "select ':a', E'\\':a', U&':a', \":a\", $$:a$$, $t$ :a $$ $t$, $1",
      ['b'],
    ],
    ["select 'it''s :a' || :b", "select 'it''s :a' || $1", ['b']],
    ["select E'a' -- c\n '\\':a' || :b", "select E'a' -- c\n '\\':a' || $1", ['b']],
    ["select date'2020-01-01', 'ends in \\' || :a", "select date'2020-01-01', 'ends in \\' || $1", ['a']],
    ['select 1 /* :a /* :b */ :c */ + :d -- :e\n + :f', 'select 1 /* :a /* :b */ :c */ + $1 -- :e\n + $2', ['d', 'f']],
    ['select a$b$:x$b$, :y', 'select a$b$:x$b$, $1', ['y']],
    ['select (:a)', 'select ($1)', ['a']],
    ['select :a_1;', 'select $1', ['a_1']],
    ["select ':a", "select ':a", []],
    ['select $t$ :a', 'select $t$ :a', []],
    ['select 1 /* :a', 'select 1 /* :a', []],
    ['select :é, 1', 'select :é, 1', []],
    ['', '', []],
  ])('%s', (sql, text, names) => {
    expect(parse(sql)).toEqual([text, names])
  })

  it('are found between anything that only looks like one, wherever it stands', () => {
    const word = fc.stringMatching(/^[a-z_][a-z0-9_]{0,5}$/).filter((name) => !/^e$/i.test(name))
    const inside = fc.stringMatching(/^[a-z :;$]{0,8}:[a-z]{1,3}[a-z :;]{0,4}$/)
    const opaque = fc.oneof(
      inside.map((text) => `'${text}'`),
      inside.map((text) => `'${text}''${text}'`),
      inside.map((text) => `E'\\'${text}\\\\'`),
      inside.map((text) => `"${text}"`),
      // What would end the quote early is left out.
      inside.filter((text) => !text.includes('$x$')).map((text) => `$x$${text}$x$`),
      inside.map((text) => `/*${text}/*${text}*/*/`),
      inside.map((text) => `--${text}\n`),
      word.map((name) => `x::${name}`),
      word.map((name) => `a[1:${name}]`),
      word,
      fc.constantFrom('(', ')', ',', '+', '1.5e3', '->>', '@>', '?'),
    )
    const piece = fc.oneof(
      opaque.map((text) => ({text, name: undefined})),
      word.map((name) => ({text: `:${name}`, name})),
    )
    fc.assert(
      fc.property(fc.array(piece, {maxLength: 20}), (pieces) => {
        const names = [...new Set(pieces.flatMap(({name}) => name ?? []))]
        const expected = pieces
          .map(({text, name}) => (name === undefined ? text : `$${names.indexOf(name) + 1}`))
          .join(' ')
        expect(parse(pieces.map(({text}) => text).join(' '))).toEqual([expected, names])
      }),
      {numRuns: 500},
    )
  })

  it('leave any text without a colon or a semicolon as it is', () => {
    fc.assert(
      fc.property(fc.string({unit: 'grapheme'}), (sql) => {
        const plain = sql.replace(/[:;$]/g, '')
        expect(parse(plain)).toEqual([plain, []])
      }),
    )
  })

  it('read literals as the server does', async () => {
    const literals = ["'a:b'", "E'\\':b'", "U&'\\003a:b'", '$$:b$$', "$t$:b$$ ':b$t$", "'it''s :b'", "E'x'\n'\\':b'"]
    const text = `select ${literals.map((literal, n) => `${literal} as c${n}`).join(', ')}`
    expect(parse(text)).toEqual([text, []])
    const [row] = await query<Record<string, string>>('postgres', text)
    expect(Object.values(row ?? {})).toEqual(['a:b', "':b", '::b', ':b', ":b$$ ':b", "it's :b", "x':b"])
  })

  it('must be given, all and no others', () => {
    const {names} = parseStatement('select :a, :b')
    expect(bind(names, {b: null, a: 0})).toEqual([0, null])
    expect(() => bind(names, {a: 1})).toThrow(
      expect.objectContaining({code: 'parameter_missing', message: 'The statement has no value for :b.'}) as Error,
    )
    expect(() => bind(names, {a: 1, b: undefined})).toThrow(/no value for :b/)
    expect(() => bind(names, {a: 1, b: 2, c: 3})).toThrow(
      expect.objectContaining({code: 'parameter_unknown', details: {names: ['c']}}) as Error,
    )
    expect(() => bind(parseStatement('select :constructor').names, {})).toThrow(/no value for :constructor/)
    expect(() => parseStatement('select $1')).toThrow(expect.objectContaining({code: 'parameter_positional'}) as Error)
  })
})

describe('where a statement ends and begins', () => {
  it.each([
    ['select 1;', 'select 1'],
    ['select 1 ; -- done\n', 'select 1 '],
    ["select ';'", "select ';'"],
    ['select 1; select 2', 'select 1; select 2'],
  ])('%s', (sql, text) => {
    expect(parseStatement(sql).text).toBe(text)
  })

  it.each([
    ['insert into t values (1) returning *', undefined, true],
    ['-- why\nupdate t set a = 1', undefined, false],
    ['/* returning */ delete from t where a in (select b from c)', undefined, false],
    ['select f()', undefined, true],
    ['(select 1) union select 2', undefined, true],
    [
      'with a as (delete from t returning *), b as (select 1) insert into u select * from a returning x',
      'insert into u select * from a returning x',
      true,
    ],
    ['with recursive a as (select 1) select * from a', 'select * from a', true],
    ['with a as (insert into t values (:x) returning 1) update u set v = :y', 'update u set v = $2', false],
    ['create table t (a int)', undefined, false],
  ])('%s', (sql, main, givesRows) => {
    const statement = parseStatement(sql)
    expect(statement.text.slice(statement.main)).toBe(main ?? sql)
    expect(statement.givesRows).toBe(givesRows)
  })

  it.each([
    ['commit', true],
    ['/* a */ COMMIT -- b', true],
    [';commit work;', true],
    ['commit and chain', true],
    ['end', true],
    ['end transaction', true],
    ['abort', true],
    ['rollback', true],
    ['Rollback Work And No Chain', true],
    ['begin', true],
    ['begin isolation level serializable', true],
    ['start transaction read only', true],
    ["prepare transaction 'x'", true],
    ['rollback to saved', false],
    ['rollback work to savepoint saved', false],
    ['rollback\ntransaction to saved', false],
    ["rollback prepared 'x'", false],
    ["commit prepared 'x'", false],
    ['savepoint commit', false],
    ['release saved', false],
    ['prepare plan as select 1', false],
    ['select 1 as commit', false],
    ["'commit'", false],
    ['call commit()', false],
    ['update t set a = 1', false],
  ])('whether it begins or ends a transaction: %s', (sql, ends) => {
    expect(parseStatement(sql).endsTransaction).toBe(ends)
  })

  it('puts a write into its own list', () => {
    expect(
      shape(parseStatement('with a as (select 1) delete from t returning *;'), 'written').replaceAll(/\s+/g, ' '),
    ).toBe(
      'with a as (select 1) , shaped as ( delete from t returning * ) select row_to_json(shaped)::text from shaped',
    )
  })
})
