import {mkdir, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {afterAll, beforeAll, beforeEach, describe, expect, it} from 'vitest'
import {withClient} from '../../src/lib/postgres/connect/client.js'
import {runSqlFile, type RunSummary} from '../../src/lib/sql-files/run-file.js'
import {ConnectionUrl} from '../../src/lib/targets/connection-url.js'
import {query, uniqueName, urlAs, urlOf} from '../support/databases.js'
import {temporaryFolder} from '../support/temporary-folder.js'

const names = {utf8: uniqueName('utf'), latin1: uniqueName('latin')}
const role = uniqueName('encoding')
const folder = temporaryFolder()
beforeAll(async () => {
  await mkdir(join(folder, 'in'))
  await query('postgres', `create database ${names.utf8}`)
  await query('postgres', `create database ${names.latin1} encoding 'LATIN1' template template0 locale 'C'`)
  await query('postgres', `create role ${role} superuser login password 'pw'`)
  await query('postgres', `alter role ${role} set client_encoding = 'WIN1251'`)
})
afterAll(async () => {
  for (const name of Object.values(names)) await query('postgres', `drop database ${name} with (force)`)
  await query('postgres', `drop role ${role}`)
})
beforeEach(async () => {
  for (const name of Object.values(names)) await query(name, 'drop table if exists t; create table t (x text)')
})

async function run(text: Buffer, url = urlOf(names.utf8)): Promise<RunSummary> {
  const path = join(folder, 'a.sql')
  await writeFile(path, text)
  return withClient(ConnectionUrl.parse(url, 'url'), {}, (client) => runSqlFile(client, path, {cwd: folder}))
}
const stored = (name = names.utf8): Promise<unknown[]> => query(name, 'select x from t order by 1')
const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1')

describe('a file in another encoding', () => {
  it.each([
    ['SET', "SET client_encoding = 'LATIN1';\n"],
    ['SET … TO', 'set client_encoding to latin1;\n'],
    ['SET NAMES', "SET NAMES 'ISO-8859-1';\n"],
    ['\\encoding', '\\encoding LATIN1\n'],
  ])('is read so after %s, in statements, COPY data and included files', async (_, line) => {
    await writeFile(join(folder, 'in', 'b.sql'), latin1("insert into t values ('b é');\n"))
    await writeFile(join(folder, 'in', 'c.csv'), latin1('c é\n'))
    const text = `${line}insert into t values ('a é');\ncopy t from stdin;\nd é\n\\.\n\\i in/b.sql\n\\copy t from in/c.csv\n`
    await run(latin1(text))
    expect(await stored()).toEqual([{x: 'a é'}, {x: 'b é'}, {x: 'c é'}, {x: 'd é'}])
  })

  it('has right places, and keeps what comes before, across chunks', async () => {
    const many = "insert into t values ('é');\n".repeat(20_000)
    await run(latin1(`set client_encoding = latin1;\n${many}`))
    expect(await query(names.utf8, "select count(*)::int as n from t where x = 'é'")).toEqual([{n: 20_000}])
    const wrong = run(latin1(`set client_encoding = latin1;\n${many}select 'é', nope;\n`))
    await expect(wrong).rejects.toMatchObject({details: {place: {line: 20_002, column: 13}}})
  })

  it('may have several bytes for a character, with signs of SQL among them', async () => {
    // In Shift JIS, the second byte of 表 is a backslash.
    await run(
      Buffer.concat([
        Buffer.from("set client_encoding = 'SJIS';\ninsert into t values ('"),
        Buffer.of(0x95, 0x5c),
        Buffer.from("');\n"),
      ]),
    )
    expect(await stored()).toEqual([{x: '表'}])
  })

  it('is read in that of the role or of the database, if it is not UTF-8', async () => {
    await run(latin1("insert into t values ('é');\n"), urlOf(names.latin1))
    expect(await stored(names.latin1)).toEqual([{x: 'é'}])
    await run(
      Buffer.concat([Buffer.from("insert into t values ('"), Buffer.of(0xc4, 0xe0), Buffer.from("');\n")]),
      urlAs(role, names.utf8),
    )
    expect(await stored()).toEqual([{x: 'Да'}])
  })

  it('is an error if it names none, or a second one before other text on a line', async () => {
    await expect(run(latin1("select 1;\nselect 'é';\n"))).rejects.toMatchObject({
      code: 'script_not_utf8',
      next: expect.arrayContaining(['Nothing was changed.']) as string[],
      details: {place: {line: 2, column: 9}},
    })
    await expect(run(latin1('set client_encoding = latin1;\nset client_encoding = utf8; --é\n'))).rejects.toMatchObject(
      {
        code: 'script_encoding',
      },
    )
  })
})

describe('standard_conforming_strings of the role', () => {
  it('is that at the beginning of a file', async () => {
    await query('postgres', `alter role ${role} set standard_conforming_strings = off`)
    await run(Buffer.from("insert into t values ('a\\'b;c');\n"), urlAs(role, names.utf8))
    await query('postgres', `alter role ${role} reset standard_conforming_strings`)
    expect(await stored()).toEqual([{x: "a'b;c"}])
  })
})
