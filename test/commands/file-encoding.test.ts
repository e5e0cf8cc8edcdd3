import {writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {afterAll, beforeAll, beforeEach, describe, expect, it} from 'vitest'
import {cli, type CliResult, json} from '../support/cli.js'
import {query, uniqueName, urlOf} from '../support/databases.js'
import {temporaryFolder} from '../support/temporary-folder.js'

const [utf8, latin1] = [uniqueName('utf'), uniqueName('latin')]
const folder = temporaryFolder()
beforeAll(async () => {
  await query('postgres', `create database ${utf8}`)
  await query('postgres', `create database ${latin1} encoding 'LATIN1' template template0 locale 'C'`)
})
afterAll(async () => {
  for (const name of [utf8, latin1]) await query('postgres', `drop database ${name} with (force)`)
})
beforeEach(async () => {
  for (const name of [utf8, latin1]) await query(name, 'drop table if exists t; create table t (x text)')
})

type Settings = {parameters?: string; env?: NodeJS.ProcessEnv; json?: boolean; database?: string}

async function seed(bytes: Buffer, {parameters = '', env = {}, ...how}: Settings = {}): Promise<CliResult> {
  const path = join(folder, 'a.sql')
  await writeFile(path, bytes)
  const CONNECTION_URL = `${urlOf(how.database ?? utf8)}${parameters && `?${parameters}`}`
  return cli(['seed', '--file', path, ...(how.json ? ['--json'] : [])], {env: {CONNECTION_URL, ...env}, cwd: folder})
}
const stored = (): Promise<unknown[]> => query(utf8, 'select x from t order by 1')
const insert = Buffer.from("insert into t values ('é');\n", 'latin1')
const as = (encoding: BufferEncoding, text: string): Buffer => Buffer.from(text, encoding)

describe('client_encoding, as the encoding of SQL files', () => {
  const service = join(folder, 'services')
  it.each<[string, Settings]>([
    ['the URL', {parameters: 'client_encoding=LATIN1'}],
    ["the URL's options", {parameters: 'options=-c%20work_mem=4MB%20-c%20client_encoding%3Dlatin1'}],
    ["the URL's options, written long", {parameters: 'options=--client-encoding%3Diso-8859-1'}],
    ['PGCLIENTENCODING', {env: {PGCLIENTENCODING: 'LATIN1'}}],
    ['PGOPTIONS', {env: {PGOPTIONS: '-cclient_encoding=LATIN1'}}],
    ['a service', {env: {PGSERVICE: 'here', PGSERVICEFILE: service}}],
  ])('is taken from %s', async (_, settings) => {
    await writeFile(service, '[here]\nclient_encoding=LATIN1\n')
    expect(await seed(insert, settings)).toMatchObject({exitCode: 0})
    expect(await stored()).toEqual([{x: 'é'}])
    // As in psql, also if the bytes are UTF-8.
    await seed(as('utf8', "insert into t values ('é');"), settings)
    expect(await stored()).toEqual([{x: 'Ã©'}, {x: 'é'}].sort((a, b) => (a.x < b.x ? -1 : 1)))
  })

  it('is replaced by that of the file, as at the head of a dump', async () => {
    const parameters = 'client_encoding=LATIN1'
    const text =
      "SET client_encoding = 'UTF8';\nSET work_mem = '4MB';\ncopy t from stdin;\né\n\\.\ninsert into t values ('ö');\n"
    expect(await seed(as('utf8', text), {parameters})).toMatchObject({exitCode: 0})
    expect(await stored()).toEqual([{x: 'é'}, {x: 'ö'}])
    const both = Buffer.concat([
      as('latin1', "insert into t values ('à');\nset client_encoding to sjis;\ninsert into t values ('"),
      Buffer.of(0x95, 0x5c),
      as('utf8', "');\n\\encoding utf-8\ninsert into t values ('€');\n"),
    ])
    await query(utf8, 'truncate t')
    expect(await seed(both, {parameters})).toMatchObject({exitCode: 0})
    expect(new Set(await stored())).toEqual(new Set([{x: 'à'}, {x: '€'}, {x: '表'}]))
    const oneLine = as('utf8', "set client_encoding = utf8; insert into t values ('é');")
    expect(json(await seed(oneLine, {parameters, json: true})).error).toMatchObject({code: 'script_encoding'})
  })

  it('is an error by name if files cannot be read in it, and no other encoding is guessed', async () => {
    const unsupported = await seed(insert, {env: {PGCLIENTENCODING: 'EUC_TW'}})
    expect(unsupported).toMatchObject({
      exitCode: 3,
      stderr: expect.stringContaining('SQL files cannot be read in client_encoding EUC_TW.') as string,
    })
    expect(json(await seed(insert, {env: {PGCLIENTENCODING: 'nonsense'}, json: true})).error).toMatchObject({
      code: 'client_encoding_unsupported',
    })
    const strict = {parameters: 'client_encoding=UTF8', database: latin1, json: true}
    expect(json(await seed(insert, strict)).error).toMatchObject({code: 'script_not_utf8'})
    for (const parameters of ['client_encoding=auto', 'client_encoding=SQL_ASCII', 'client_encoding='])
      expect(await seed(insert, {parameters, database: latin1})).toMatchObject({exitCode: 0})
  })

  it('is that of files in the built-in shell', async () => {
    const path = join(folder, 'b.sql')
    await writeFile(path, Buffer.concat([insert, as('latin1', '\\copy t from rows.txt\n')]))
    await writeFile(join(folder, 'rows.txt'), as('latin1', 'ü\n'))
    const env = {CONNECTION_URL: `${urlOf(utf8)}?client_encoding=LATIN1`, PATH: folder}
    const args = ['connect', '--', '-f', path, '-c', "insert into t values ('ä')"]
    expect(await cli(args, {env, cwd: folder})).toMatchObject({exitCode: 0})
    expect(new Set(await stored())).toEqual(new Set([{x: 'ä'}, {x: 'é'}, {x: 'ü'}]))
  })
})

describe('the line under an error', () => {
  it('is read in the encoding of the file at that line', async () => {
    const shown = async (bytes: Buffer, settings?: Settings): Promise<string> => (await seed(bytes, settings)).stderr
    const set = "set client_encoding = 'LATIN1';\n"
    expect(await shown(as('latin1', `${set}select 'é', nope;\n`))).toContain("2 | select 'é', nope;")
    expect(await shown(as('latin1', `${set}copy t (x, y) from stdin; -- é\n\\.\n`))).toContain('from stdin; -- é')
    expect(await shown(as('latin1', "select 'é', nope;\n"), {parameters: 'client_encoding=LATIN1'})).toContain("'é',")
    expect(await shown(as('latin1', "select 'é', nope;\n"), {database: latin1})).toContain("select 'é', nope;")
    const data = as('latin1', `${set}create table n (a int, b text);\ncopy n from stdin;\n1\té\nx\tü\n\\.\n`)
    expect(await shown(data)).toContain('5 | x\tü')
    const mixed = Buffer.concat([as('utf8', "select 'é',\n nope;\n"), as('latin1', `${set}select 'é';`)])
    expect(await shown(mixed)).toContain('2 |  nope;')
    await writeFile(join(folder, 'rows.csv'), as('latin1', 'a,b\nx,é\n'))
    const copied = await shown(
      as('latin1', `${set}create table n (a int, b text);\n\\copy n from rows.csv csv header\n`),
    )
    expect(copied).toContain('2 | x,é')
  })
})

describe('what a file would drop', () => {
  it.each([
    ['a table', "select 'é';\ndrop table t;\n"],
    ['a table whose name is not in ASCII', 'drop table "é";\n'],
  ])('is found in a file in the encoding of the database: %s', async (_, text) => {
    await query(latin1, 'insert into t values (1); create table if not exists "é" as select 1')
    const path = join(folder, 'schema.sql')
    await writeFile(path, as('latin1', text))
    const result = await cli(['schema:load', '--file', path, '--json'], {env: {CONNECTION_URL: urlOf(latin1)}})
    expect(json(result).error).toMatchObject({code: 'not_confirmed'})
    expect(await query(latin1, 'select count(*)::int as n from t')).toEqual([{n: 1}])
  })
})
