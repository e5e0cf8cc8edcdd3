import fc from 'fast-check'
import {mkdir, rm, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {gzipSync} from 'node:zlib'
import {beforeAll, describe, expect, it} from 'vitest'
import {fingerprint} from '../../src/lib/sql-files/fingerprint.js'
import {temporaryFolder} from '../support/temporary-folder.js'

const folder = temporaryFolder()
beforeAll(async () => {
  await mkdir(join(folder, 'sql'))
})

const put = (name: string, text: string | Buffer): Promise<void> => writeFile(join(folder, name), text)
const hash = (...names: string[]): Promise<string> =>
  fingerprint(
    names.map((name) => ({path: join(folder, name)})),
    {cwd: folder, database: 'app'},
  )

describe('the fingerprint of SQL files', () => {
  it.each([
    ['\\i', '\\i part.sql'],
    ['\\ir', '\\ir part.sql'],
    ['\\include', "\\include 'part.sql'"],
    ['behind a statement on one line', 'select 1; \\i part.sql'],
    ['\\copy', "\\copy t (a, b) from 'part.sql' with (format csv)"],
    ['of an include in an include', '\\i between.sql'],
  ])('changes with the file of %s, and not without', async (_, line) => {
    await put('between.sql', '\\ir part.sql\n')
    await put('main.sql', `create table t ();\n${line}\n`)
    await put('part.sql', 'one')
    const first = await hash('main.sql')
    expect(await hash('main.sql')).toBe(first)
    await put('part.sql', 'two')
    expect(await hash('main.sql')).not.toBe(first)
  })

  it('depends on the name of the database only if a file has \\connect', async () => {
    const of = (database: string): Promise<string> =>
      fingerprint([{path: join(folder, 'main.sql')}], {cwd: folder, database})
    await put('main.sql', 'select 1;\\copy t from stdin\n\\.\n')
    expect(await of('a')).toBe(await of('b'))
    await put('main.sql', 'select 1; \\c a\n')
    expect(await of('a')).not.toBe(await of('b'))
  })

  it('notices a file that appears where the run looks first, or goes', async () => {
    await put('sql/main.sql', '\\i late.sql\n')
    await put('sql/late.sql', 'beside')
    const beside = await hash('sql/main.sql')
    await put('late.sql', 'in the working folder')
    expect(await hash('sql/main.sql')).not.toBe(beside)
    await rm(join(folder, 'late.sql'))
    expect(await hash('sql/main.sql')).toBe(beside)
    await rm(join(folder, 'sql/late.sql'))
    expect(await hash('sql/main.sql')).not.toBe(beside)
  })

  it('depends on the order of files, on the table of a CSV file, and on what is packed', async () => {
    await put('a.sql', 'a')
    await put('b.sql', 'b')
    await put('a.sql.gz', gzipSync('a'))
    expect(await hash('a.sql', 'b.sql')).not.toBe(await hash('b.sql', 'a.sql'))
    expect(await hash('a.sql.gz')).toBe(await hash('a.sql'))
    const path = join(folder, 'a.sql')
    expect(await fingerprint([{path, table: ['users']}], {cwd: folder, database: 'app'})).not.toBe(
      await fingerprint([{path, table: ['posts']}], {cwd: folder, database: 'app'}),
    )
    expect(await fingerprint([{path, table: ['users']}], {cwd: folder, database: 'app'})).not.toBe(
      await fingerprint([{path}], {cwd: folder, database: 'app'}),
    )
  })

  it('ends where files include themselves or each other, and where what is named is no file', async () => {
    await put('self.sql', '\\i self.sql\n\\i other.sql\n')
    await put('other.sql', "\\i self.sql\n-- see \\i sql\n\\i 'no such file'\n")
    expect(await hash('self.sql')).toMatch(/^[0-9a-f]{64}$/)
  })

  it('sees a psql line wherever it lies in the file, across the parts it is read in too', async () => {
    const sizes = fc.integer({min: 0, max: 600_000}).filter((size) => size % 7 !== 3)
    await fc.assert(
      fc.asyncProperty(fc.oneof(sizes, fc.integer({min: 262_100, max: 262_160})), async (size) => {
        await put('long.sql', `--${'x'.repeat(size)}\n\\i included.sql\n`)
        await put('included.sql', 'before')
        const before = await hash('long.sql')
        await put('included.sql', 'after')
        expect(await hash('long.sql')).not.toBe(before)
      }),
      {numRuns: 30},
    )
  })

  it.each([
    ['a file that a variable names', '\\i :name\n'],
    ['another folder', '\\cd deeper\n'],
    ['the database', "select :'DBNAME';\n"],
  ])('is never the same where only a run can tell: %s', async (_, text) => {
    await put('depends.sql', text)
    expect(await hash('depends.sql')).not.toBe(await hash('depends.sql'))
  })

  it('fails where a file of the run itself is missing', async () => {
    await expect(hash('nowhere.sql')).rejects.toMatchObject({code: 'file_missing', exitCode: 3})
  })
})
