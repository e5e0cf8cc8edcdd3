import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {losesRows, type Loss, lossesOf} from '../../src/lib/sql-files/losses.js'
import {readTokens} from '../../src/lib/sql-text/tokens.js'

const table = (...name: string[]): Loss => ({kind: 'table', name})
const schema = (...name: string[]): Loss => ({kind: 'schema', name})
const anything: Loss = {kind: 'anything'}

describe('lossesOf', () => {
  it.each<[string, Loss[]]>([
    ['drop table users', [table('users')]],
    ['DROP TABLE IF EXISTS a, "B".c CASCADE;', [table('a'), table('B', 'c')]],
    ['/* a */ drop -- b\r\n table /* /* c */ drop */ shop . "My ""x""" restrict', [table('shop', 'My "x"')]],
    ['truncate users', [table('users')]],
    ['TRUNCATE TABLE ONLY Users *, ONLY (other) RESTART IDENTITY CASCADE', [table('users'), table('other')]],
    ['drop schema if exists public, "S" cascade', [schema('public'), schema('S')]],
    ['drop owned by current_user', [anything]],
    ['drop table U&"\\0075sers"', [anything]],
    ['do $$begin drop table users; end$$', [table('users')]],
    ["do language plpgsql 'begin truncate users, public.posts; end'", [table('users'), table('public', 'posts')]],
    ["do E'begin\\ndrop table users;\\x0aend'", [table('users')]],
    ["do E'begin drop table caf\\u00e9; end'", [table('café')]],
    ["do $$begin execute 'drop table ' || name; end$$", [anything]],
    ["do $$begin execute format('drop table %I', name); end$$", [anything]],
    ["do $$begin execute format('drop %s %I', kind, name); end$$", [anything]],
    ["do $$begin execute 'drop table public.' || name; end$$", [anything]],
    ['do $a$begin execute $b$drop schema x cascade$b$; end$a$', [schema('x')]],
    ['create function begin() returns int language sql as $$select 1$$; drop table users', [table('users')]],
    ['do $$begin alter table t drop column c; end$$; select 1', []],
    ['drop index i', []],
    ['drop view v', []],
    ['drop function f()', []],
    ["select 'drop table users'", []],
    ['-- drop table users', []],
    ['create function f() returns void language sql as $$drop table users$$', []],
    ['do $$begin -- drop table users\nend$$', []],
    ['create table drop_table (truncated int)', []],
    ['', []],
  ])('of %s', (statement, losses) => {
    expect(lossesOf(statement)).toEqual(losses)
  })

  it('reads backslashes as the server does', () => {
    expect(lossesOf("do 'begin raise notice ''\\''; drop table users; end'", true)).toEqual([table('users')])
    expect(lossesOf("do '\\'' language plpgsql; drop table users", false)).toEqual([table('users')])
  })

  it('looks into strings in strings only so deep', () => {
    let text = 'drop table users'
    for (let depth = 0; depth < 5000; depth++) text = `$d${depth}$${text}$d${depth}$`
    expect(lossesOf(`do ${text}`)).toEqual([anything])
  })
})

describe('isLost', () => {
  const users = {schema: 'public', table: 'users'}
  it.each<[string, boolean]>([
    ['drop table users', true],
    ['drop table USERS', true],
    ['drop table public.users', true],
    ['drop table db.public.users', true],
    ['drop table "Users"', false],
    ['drop table other.users', false],
    ['drop schema public', true],
    ['drop schema users', false],
    ['drop table public', false],
    ['drop owned by me', true],
  ])('by %s: %s', (statement, lost) => {
    expect(losesRows([users], lossesOf(statement))).toBe(lost)
  })

  it('with the table that it is a part of, and by a name that Postgres cuts', () => {
    expect(losesRows([users, {schema: 'x', table: 'parent'}], lossesOf('drop table parent'))).toBe(true)
    expect(losesRows([users, {schema: 'x', table: 'parent'}], lossesOf('drop schema x'))).toBe(true)
    const long = 'a'.repeat(62)
    expect(losesRows([{schema: 'public', table: long}], lossesOf(`drop table ${long}äö`))).toBe(true)
  })
})

describe('properties', () => {
  const blank = fc.constantFrom(' ', '\n', '\r\n', '\t', '/* drop table x; */', "/* ' /* nested */ */", '-- "it"\n')
  const blanks = fc.array(blank, {minLength: 1, maxLength: 3}).map((parts) => parts.join(''))
  const name = fc.oneof(
    fc
      .stringMatching(/^[a-z_][a-z0-9_$]{0,10}$/)
      .filter((text) => text !== 'only')
      .map((text) => ({sql: text.toUpperCase(), name: text})),
    fc
      .string({unit: 'grapheme', minLength: 1, maxLength: 10})
      .filter((text) => !text.includes('\0'))
      .map((text) => ({sql: `"${text.replaceAll('"', '""')}"`, name: text})),
  )

  it('finds every table of a DROP, however it is written, at the top and in a block', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(name, {minLength: 1, maxLength: 3}), {minLength: 1, maxLength: 4}),
        fc.array(blanks, {minLength: 6, maxLength: 6}),
        fc.boolean(),
        (names, [a, b, c, d, e, f], exists) => {
          const list = names.map((parts) => parts.map(({sql}) => sql).join(`${a}.${b}`)).join(`${c},${d}`)
          const statement = `${a}drop${b}table${c}${exists ? `if${d}exists${e}` : ''}${list}${f}cascade`
          const expected = names.map((parts) => table(...parts.map((part) => part.name)))
          expect(lossesOf(statement)).toEqual(expected)
          expect(lossesOf(`do $end_of_it$ begin ${statement}; end $end_of_it$`)).toEqual(expected)
          expect(lossesOf(`do '${`begin ${statement}; end`.replaceAll("'", "''")}'`)).toEqual(expected)
        },
      ),
    )
  })

  it('never takes what stands in a quote or a comment for a statement, and ends on any text', () => {
    const inert = fc.oneof(
      fc.string({unit: 'grapheme'}).map((text) => `'${text.replaceAll("'", "''")}'`),
      fc.string({unit: 'grapheme'}).map((text) => `"${text.replaceAll('"', '""')}"`),
      fc.constantFrom(
        "'; drop table a;'",
        '"; truncate b;"',
        '$x$; drop schema c; $x$',
        '/*; drop table d; */',
        "E'\\'; drop table e;'",
        '--; drop table f;\n',
      ),
    )
    fc.assert(fc.property(fc.array(inert), (parts) => void expect(lossesOf(`select ${parts.join(' , ')}`)).toEqual([])))
    fc.assert(
      fc.property(fc.string({unit: 'binary'}), fc.boolean(), (text, standard) => void readTokens(text, standard)),
    )
  })

  it('gives strings and names back as they were before they were quoted', () => {
    fc.assert(
      fc.property(fc.string({unit: 'grapheme'}), (text) => {
        const escaped = text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")
        const [plain, escape, identifier] = readTokens(
          `'${text.replaceAll("'", "''")}' E'${escaped}' "${text.replaceAll('"', '""')}"`,
        )
        expect([plain, escape, identifier]).toEqual([
          {kind: 'string', text},
          {kind: 'string', text},
          {kind: 'name', text},
        ])
      }),
    )
  })
})
