import {writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {type CruddurError} from '../../src/lib/errors.js'
import {type Migration, readMigration, requireRunnable, storedSection} from '../../src/lib/migrations/migration.js'
import {temporaryFolder} from '../support/temporary-folder.js'

const folder = temporaryFolder()
const path = join(folder, 'm.sql')

async function read(text: string | Buffer): Promise<Migration> {
  await writeFile(path, text)
  return readMigration({version: '20260101000000', name: 'm', path}, folder)
}

/** What is wrong with a text, and where. */
async function wrong(text: string | Buffer): Promise<unknown> {
  try {
    const migration = await read(text)
    requireRunnable(migration, migration.up)
    return 'nothing'
  } catch (error) {
    const {code, details} = error as CruddurError
    const line = (details['place'] as {line: number} | undefined)?.line
    return line === undefined ? code : `${code} in line ${line}`
  }
}

describe('the markers of a migration', () => {
  it('divide it into two directions, with the lines of the file', async () => {
    const {up, down, file} = await read(
      '\n-- A comment\n-- migrate:up\ncreate table a ();\n\n-- migrate:down\ndrop table a;\n',
    )
    expect(file).toBe('m.sql')
    expect(up).toMatchObject({text: '-- migrate:up\ncreate table a ();\n\n', transaction: true})
    expect(down).toMatchObject({text: '-- migrate:down\ndrop table a;\n', transaction: true})
    expect(down?.input.content?.toString()).toMatch(/^\n *\n *\n *\n\n-- migrate:down\ndrop table a;\n$/)
    expect(down?.input.content?.toString().split('\n').indexOf('drop table a;')).toBe(6)
  })

  it.each([
    ['CRLF', '-- migrate:up\r\nselect 1;\r\n-- migrate:down\r\nselect 2;\r\n'],
    ['a byte order mark', '\ufeff-- migrate:up\nselect 1;\n-- migrate:down\nselect 2;\n'],
    ['no semicolon and no last line end', '-- migrate:up\nselect 1\n-- migrate:down\nselect 2'],
    ['blanks of every kind', '--migrate:up\t \nselect 1;\n--   migrate:down  \nselect 2;\n'],
    ['options', '-- migrate:up transaction:true\nselect 1;\n-- migrate:down transaction:false\nselect 2;\n'],
    ['more after it', '-- migrate:up\nselect 1;\n-- migrate:upper, not -- migrate:down\n-- migrate:down\nselect 2'],
    ['a quote before a blank', '/* begin\n */\n-- migrate:up\nselect 1;\n-- migrate:down\nselect 2'],
  ])('are found with %s', async (_, text) => {
    const {up, down} = await read(text)
    expect([up.text, down?.text].map((part) => /select \d/.exec(part ?? '')?.[0])).toEqual(['select 1', 'select 2'])
    expect(up.text).not.toContain('select 2')
    expect([up.transaction, down?.transaction]).toEqual([true, !text.includes('false')])
    for (const section of [up, down])
      expect(() => section && requireRunnable({file: '', version: ''}, section)).not.toThrow()
  })

  it('are optional for the way down, which is none without statements', async () => {
    expect((await read('-- migrate:up\nselect 1;')).down).toBeUndefined()
    expect((await read('-- migrate:up\nselect 1;\n-- migrate:down\n-- nothing\n\n')).down).toBeUndefined()
  })

  it.each([
    ['nothing', '', 'migration_without_up'],
    ['blanks', ' \n\n', 'migration_without_up'],
    ['no marker', 'create table a ();', 'migration_without_up'],
    ['only a down', '-- migrate:down\nselect 1;', 'migration_without_up'],
    ['no line end after the marker', '-- migrate:up; create table a ();', 'migration_without_up'],
    ['two ups', '-- migrate:up\nselect 1;\n-- migrate:up\nselect 2;', 'migration_marker_misplaced in line 3'],
    [
      'two downs',
      '-- migrate:up\nselect 1;\n-- migrate:down\n-- migrate:down\nselect 2;',
      'migration_marker_misplaced in line 4',
    ],
    ['the down first', '\n-- migrate:down\nselect 1;\n-- migrate:up', 'migration_marker_misplaced in line 2'],
    ['a statement first', '-- x\n\nselect 0;\n-- migrate:up\nselect 1', 'migration_marker_misplaced in line 3'],
    ['a psql command first', '\\set a 1\n-- migrate:up\nselect 1', 'migration_marker_misplaced in line 1'],
    ['an unknown option', '\n-- migrate:up no_lock\nselect 1;', 'migration_marker_misplaced in line 2'],
    ['an option with a blank', '-- migrate:up transaction: false\nselect 1;', 'migration_marker_misplaced in line 1'],
    ['no statement', '-- migrate:up\n-- later\n-- migrate:down\nselect 1;', 'migration_empty'],
    ['a marker in a quote', "-- migrate:up\nselect '\n-- migrate:down\n';", 'migration_incomplete in line 2'],
    ['one in a function', '-- migrate:up\n\ndo $$\n-- migrate:down\n$$;', 'migration_incomplete in line 3'],
    ['one in a comment', '-- migrate:up\n/*\n-- migrate:down\n*/ select 1;', 'migration_incomplete in line 2'],
    ['one in data', '-- migrate:up\ncopy a from stdin;\n-- migrate:down\n\\.\n', 'migration_incomplete in line 2'],
    ['no end of a quote', "-- migrate:up\nselect 'a;\n", 'migration_incomplete in line 2'],
    ['no end below', "-- migrate:up\nselect 1;\n-- migrate:down\nselect 'a;\n", 'migration_incomplete in line 4'],
    ['bytes of another encoding', Buffer.from("-- migrate:up\nselect '\xe4';", 'latin1'), 'script_not_utf8 in line 2'],
    ['a NUL byte', '-- migrate:up\n\nselect 1\0;', 'script_nul_byte in line 3'],
  ])('are refused with %s', async (_, text, problem) => {
    expect(await wrong(text)).toBe(problem)
  })

  it.each([
    ['goose', '-- +goose Up\nselect 1;\n-- +goose Down\nselect 2;'],
    ['sql-migrate', '-- +migrate Up\nselect 1;'],
    ['node-pg-migrate', '-- Up Migration\nselect 1;'],
  ])('of %s are known', async (program, text) => {
    await expect(read(text)).rejects.toMatchObject({
      code: 'migration_without_up',
      next: [expect.stringContaining(`It looks like one of ${program}.`) as string],
    })
  })

  it('name the file that cannot be read', async () => {
    const found = {version: '20260101000000', name: 'gone', path: join(folder, 'gone.sql')}
    await expect(readMigration(found, folder)).rejects.toMatchObject({
      code: 'file_unreadable',
      message: 'gone.sql cannot be read (ENOENT).',
    })
  })
})

describe('what a migration cannot have', () => {
  it.each([
    ['select 1;\ncommit;', 'migration_transaction in line 3'],
    ['begin; select 1; end;', 'migration_transaction in line 2'],
    ['select 1;\n  start transaction;', 'migration_transaction in line 3'],
    ['savepoint a; rollback to a; release a;', 'nothing'],
    ['do $$ begin perform 1; end $$;', 'nothing'],
    ['create function f() returns int begin atomic select 1; end;', 'nothing'],
    ["select 'commit;'; -- commit;", 'nothing'],
    ['select 1 \\gset', 'nothing'],
  ])('as one transaction: %j', async (statements, problem) => {
    expect(await wrong(`-- migrate:up\n${statements}\n-- migrate:down`)).toBe(problem)
  })

  it.each([
    ['begin; select 1; commit;', 'nothing'],
    ['\\ir a.sql\n\\i a.sql\n\\echo a\n\\qecho a\n\\warn a', 'nothing'],
    ["select 'select 1' \\gexec", 'migration_step_refused in line 2'],
    ['select 1 as a \\gset', 'migration_step_refused in line 2'],
    ['select 1;\n\\connect other', 'migration_step_refused in line 3'],
    ['\\if true\nselect 1;\n\\endif', 'migration_step_refused in line 2'],
    ['\\set a 1', 'migration_step_refused in line 2'],
  ])('step by step: %j', async (statements, problem) => {
    expect(await wrong(`-- migrate:up transaction:false\n${statements}\n-- migrate:down`)).toBe(problem)
  })
})

it('a stored direction is read like that of the file', async () => {
  const {up, down} = await read('-- migrate:up\nselect 1;\n-- migrate:down  transaction:false\nselect 2;')
  expect(storedSection(up.text, 'x').transaction).toBe(true)
  const stored = storedSection(down?.text ?? '', 'x.sql (as it was applied)')
  expect(stored).toMatchObject({transaction: false, text: down?.text})
  expect(stored.input).toMatchObject({path: 'x.sql (as it was applied)'})
})
