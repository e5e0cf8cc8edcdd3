import {writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {cli, json} from '../support/cli.js'
import {query, uniqueName, urlOf, withConnection} from '../support/databases.js'
import {writeSql} from '../support/sql-folder.js'
import {folderOfTest} from '../support/temporary-folder.js'

let name: string
let folder: string
let env: NodeJS.ProcessEnv

beforeEach(async () => {
  name = uniqueName()
  folder = folderOfTest()
  env = {CONNECTION_URL: urlOf(name), PROD_CONNECTION_URL: urlOf(name)}
  await writeSql(folder, {schema: "create table t as select 'first' as what;", seed: "insert into t values ('seed');"})
  await cli(['setup'], {env, cwd: folder})
})
afterEach(async () => {
  await cli(['drop', '--discard-undo', '--force'], {env, cwd: folder})
})

const setup = (...args: string[]): ReturnType<typeof cli> => cli(['setup', ...args], {env, cwd: folder})
const content = (): Promise<unknown[]> => query(name, 'select what from t order by what')
const relatives = async (): Promise<unknown[]> =>
  (await query('postgres', 'select datname from pg_database where datname like $1 order by 1', [`${name}%`])).map(
    (row) => (row as {datname: string}).datname,
  )

describe('setup --file', () => {
  it('makes the database from that file alone, and keeps the old one for undo', async () => {
    await writeFile(
      join(folder, 'dump.sql'),
      "create table t as select 'dump' as what;\nCOPY t FROM stdin;\nrow\n\\.\n",
    )
    const result = await setup('-f', 'dump.sql')
    expect(result.stdout).toMatch(/schema:load +\S+ m?s +dump\.sql\nseed +0 ms +skipped: --file builds everything\n/)
    expect(result.exitCode).toBe(0)
    expect(await content()).toEqual([{what: 'dump'}, {what: 'row'}])
    expect(await cli(['undo'], {env, cwd: folder})).toMatchObject({exitCode: 0})
    expect(await content()).toEqual([{what: 'first'}, {what: 'seed'}])
  })

  it('changes nothing where the file is missing or fails', async () => {
    expect((await setup('--file', 'missing.sql')).exitCode).toBe(3)
    await writeFile(join(folder, 'bad.sql'), 'create table t ();\nselect 1/0;')
    expect(await setup('--file', 'bad.sql')).toMatchObject({
      exitCode: 6,
      stderr: expect.stringContaining('bad.sql:2') as string,
    })
    expect((await setup('--file', 'bad.sql', '--cached')).exitCode).toBe(2)
    expect(await content()).toEqual([{what: 'first'}, {what: 'seed'}])
    expect(await relatives()).toEqual([name])
  })
})

describe('setup', () => {
  it('runs files with --no-transaction, and with the variables of --set, which the cache tells apart', async () => {
    const schema = "create table t as select :'v' as what;\ncreate index concurrently on t (what);\n"
    await writeSql(folder, {schema, seed: "insert into t values (:'v');"})
    const refused = await setup('--set', 'v=a')
    expect(refused.exitCode).toBe(6)
    expect(refused.stderr).toContain('--no-transaction')
    expect(await setup('--set', 'v=a', '--no-transaction', '--cached')).toMatchObject({exitCode: 0})
    expect(await content()).toEqual([{what: 'a'}, {what: 'a'}])
    const other = await setup('-v', 'v=b', '--no-transaction', '--cached')
    expect(other.stdout).not.toContain(', cached')
    expect(await content()).toEqual([{what: 'b'}, {what: 'b'}])
    expect((await setup('-v', 'v=a', '--no-transaction', '--cached')).stdout).toContain(', cached')
    expect((await setup('--set', 'a-b=c')).exitCode).toBe(2)
  })
})

describe('setup --dry-run', () => {
  it('shows that the files run, beside a database that is in use, and leaves nothing', async () => {
    await withConnection(name, async () => {
      const result = await setup('--dry-run')
      expect(result).toMatchObject({
        exitCode: 0,
        stdout: expect.stringMatching(
          /^drop .* is not changed\ncreate .*\nschema:load .*\nseed .*\n\nThe files ran without errors\. Nothing was changed\.$/,
        ) as string,
      })
      expect(json(await setup('-n', '--json')).result).toMatchObject({dryRun: true, kept: false})
    })
    expect(await content()).toEqual([{what: 'first'}, {what: 'seed'}])
    expect(await relatives()).toEqual([name])
  })

  it('fails where a file fails, and leaves nothing', async () => {
    await writeSql(folder, {schema: 'create table t ();', seed: 'insert into nowhere values (1);'})
    expect(await setup('--dry-run')).toMatchObject({exitCode: 6, stderr: expect.stringContaining('seed: ') as string})
    expect(await relatives()).toEqual([name])
  })

  it('asks on a protected target, since its files run on that server, and says that the database is not touched', async () => {
    const refused = await setup('prod', '--dry-run')
    expect(refused).toMatchObject({exitCode: 7, stdout: ''})
    expect(refused.stderr.replaceAll(/\s+/g, ' ')).toContain(
      `on the same server, then removes it. ${name} is not changed.`,
    )
    expect(await setup('prod', '--dry-run', '--confirm', `${name}@127.0.0.1`)).toMatchObject({exitCode: 0})
    expect(await relatives()).toEqual([name])
  })
})
