import fc from 'fast-check'
import {mkdir, writeFile} from 'node:fs/promises'
import {dirname, join} from 'node:path'
import {gzipSync} from 'node:zlib'
import {beforeAll, describe, expect, it} from 'vitest'
import {concurrentIndex, indexName} from '../../src/lib/migrations/concurrent-index.js'
import {droppedColumns} from '../../src/lib/migrations/down-losses.js'
import {beginsAlike, checksumOf, expandedText, statementTexts} from '../../src/lib/migrations/expanded.js'
import {temporaryFolder} from '../support/temporary-folder.js'

const folder = temporaryFolder()

describe('included files', () => {
  beforeAll(async () => {
    for (const [name, text] of Object.entries({
      'sql/migrations/part.sql': '\ufeff-- A part\nselect 2;',
      'sql/migrations/deep/one.sql': 'select 1;\n\\ir two.sql\nselect 3;\n',
      'sql/migrations/deep/two.sql': 'select 2;\n',
      'sql/migrations/self.sql': 'select 1;\n\\ir self.sql\n\\ir self.sql\n',
      'sql/migrations/latin.sql': Buffer.from("select '\xe4';\n", 'latin1'),
      'sql/migrations/packed.sql.gz': gzipSync('select 1;\n'),
      'sql/migrations/zero.sql': 'select 1;\0\n',
      'sql/here.sql': 'select 5;\n',
    })) {
      await mkdir(dirname(join(folder, name)), {recursive: true})
      await writeFile(join(folder, name), text)
    }
  })

  const expand = (text: string): string =>
    expandedText({text, transaction: true, input: {path: join(folder, 'sql', 'migrations', 'm.sql')}}, folder)

  it.each([
    ['select 1;\n\\ir part.sql\nselect 3;\n', 'select 1;\n-- A part\nselect 2;\nselect 3;\n'],
    ["\\include_relative 'part.sql'", '-- A part\nselect 2;\n'],
    ['-- x\n\\ir deep/one.sql\n', '-- x\nselect 1;\nselect 2;\nselect 3;\n'],
    ['\\i sql/here.sql\n', 'select 5;\n'],
    ['\\i part.sql\n', '-- A part\nselect 2;\n'],
  ])('stand in the text: %j', (text, expanded) => {
    expect(expand(text)).toBe(expanded)
  })

  it.each([
    ['\\ir gone.sql\nselect 1;\n'],
    ['\\ir :name\n'],
    ['\\ir `cat x`\n'],
    ['\\ir deep\n'],
    ['\\ir part.sql more\n'],
    ['\\ir latin.sql\n'],
    ['\\ir packed.sql.gz\n'],
    ['\\ir zero.sql\n'],
    ["select '\n\\ir part.sql\n';"],
    ['-- \\ir part.sql\n'],
    ["\\ir part.sql\nselect 'open"],
  ])('stay an include where they cannot: %j', (text) => {
    expect(expand(text)).toBe(text)
  })

  it('stay one where a file includes itself', () => {
    expect(expand('\\ir self.sql\n')).toBe('select 1;\n\\ir self.sql\n\\ir self.sql\n')
  })
})

describe('the checksum', () => {
  const checksum = (text: string): string => checksumOf(text, null)
  const text =
    '-- migrate:up\ncreate table a (b int);\ncopy a from stdin;\n1\tx\n\\.\ndo $$ begin -- c\nend $$;\n\\ir x.sql'

  it.each([
    ['comments', text.replace('(b', '/* c */ ( -- d\nb').replace('up\n', 'up\n-- more\n\n')],
    ['blanks', text.replaceAll(' (', '\n\t(').replace('create table', 'create  table')],
    ['line ends', text.replaceAll('\n', '\r\n')],
    ['the marker', text.replace('migrate:up', 'migrate:up transaction:true')],
    ['blanks around a psql command', `${text}  \n\n`],
  ])('stays the same with other %s', (_, other) => {
    expect(checksum(other)).toBe(checksum(text))
  })

  it.each([
    ['name', text.replace('(b', '(c')],
    ['case of a string', text.replace('int', "int default 'X'")],
    ['COPY data', text.replace('1\tx', '1\ty')],
    ['blank in COPY data', text.replace('1\tx', '1\tx ')],
    ['function body', text.replace('-- c', '-- d')],
    ['psql command', text.replace('x.sql', 'y.sql')],
    ['statement more', `${text}\nselect 1;`],
    ['order', 'select 1; select 2;'],
  ])('changes with another %s', (_, other) => {
    expect(checksum(other)).not.toBe(checksum(text))
  })

  it('tells the directions apart', () => {
    expect(checksumOf('select 1;', 'select 2;')).not.toBe(checksumOf('select 1; select 2;', null))
    expect(checksumOf('select 1;', null)).toBe(checksumOf('select 1;', '-- none\n'))
  })

  const token = fc.constantFrom(
    'select',
    '"Name"',
    "'it''s -- a'",
    "E'\\''",
    '$$ -- b $$',
    '(',
    ')',
    ',',
    '1.5',
    ';',
    'ä',
  )
  const blank = fc.constantFrom(' ', '\n', '\r\n', '\t', " -- it's\n", " /* ; $$ /* ' */ */ ", '\n-- x\n')
  const parts = fc.array(fc.tuple(token, blank, blank), {minLength: 1, maxLength: 20})

  it('does not change with what stands between tokens', () => {
    fc.assert(
      fc.property(parts, (all) => {
        const [one, two] = [1, 2].map((which) => all.map((part) => `${part[0]}${part[which]}`).join(''))
        expect(checksum(one ?? '')).toBe(checksum(two ?? ''))
      }),
    )
  })

  it('changes with a token', () => {
    fc.assert(
      fc.property(parts, fc.nat(), (all, at) => {
        const join = (tokens: string[]): string => tokens.map((each, index) => `${each}${all[index]?.[1]}`).join('')
        const tokens: string[] = all.map(([each]) => each)
        const changed = tokens.with(at % tokens.length, 'changed')
        expect(checksum(join(changed))).not.toBe(checksum(join(tokens)))
      }),
    )
  })
})

it('the statements that have run are compared without comments, and with their data', () => {
  const text = '-- migrate:up\ncopy a from stdin;\n1\n\\.\nselect 1; select 2;'
  expect(beginsAlike(text, text.replace('select 2', 'select 3').replace(' 1;', '  -- c\n1;'), 2)).toBe(true)
  expect(beginsAlike(text, text.replaceAll('\n', '\r\n'), 3)).toBe(true)
  expect(beginsAlike(text, text.replace('select 2', 'select 3'), 3)).toBe(false)
  expect(beginsAlike(text, text.replace('\n1\n', '\n2\n'), 1)).toBe(false)
  expect(beginsAlike(text, 'copy a from stdin;\n1\n\\.\n', 2)).toBe(false)
  expect(beginsAlike(text, '', 0)).toBe(true)
  expect(statementTexts(text)).toEqual(['copy a from stdin', '1\n', '\\.\n', 'select 1', 'select 2'])
})

it.each([
  ['create index concurrently i on t (a)', {kind: 'create', index: ['i'], table: ['t']}, '"i"'],
  [
    'CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS "I" ON only s."T" (a)',
    {index: ['I'], table: ['s', 'T']},
    '"s"."I"',
  ],
  ['create index /* c */ concurrently on t (a)', {kind: 'create', index: undefined, table: ['t']}, ''],
  ['drop index concurrently if exists s.i', {kind: 'drop', index: ['s', 'i']}, '"s"."i"'],
  ['drop index concurrently i cascade', {kind: 'drop', index: ['i']}, '"i"'],
  ['create index concurrently "on" on t (a)', {index: ['on'], table: ['t']}, '"on"'],
  ['create index i on t (a)', undefined, ''],
  ['drop index i', undefined, ''],
  ['reindex index concurrently i', undefined, ''],
])('what %j makes', (statement, found, name) => {
  const index = concurrentIndex(statement)
  if (found === undefined) expect(index).toBeUndefined()
  else expect(index).toMatchObject(found)
  if (index?.index !== undefined) expect(indexName(index)).toBe(name)
})

it.each([
  ['alter table t drop column a', ['t.a']],
  ['alter table if exists only s."T" drop a cascade, add b int, drop column if exists "C"', ['s.T.a', 's.T.C']],
  ['alter table t drop constraint a, drop if exists b', ['t.b']],
  ['alter table t alter a drop not null, alter column b drop default, alter c drop identity if exists', []],
  ['alter table "drop" add column "drop" int', []],
  ['alter view v drop a', []],
  ['drop table t', []],
])('the columns that %j drops', (statement, columns) => {
  expect(droppedColumns(statement).map(({table, column}) => [...table, column].join('.'))).toEqual(columns)
})
