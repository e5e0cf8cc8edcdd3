import {execa} from 'execa'
import {mkdir, readFile, writeFile} from 'node:fs/promises'
import {dirname, join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {describeDatabase} from '../support/catalog.js'
import {cli} from '../support/cli.js'
import {corpus, corpusFolder, recordedCatalog} from '../support/corpus.js'
import {query, uniqueName, urlOf, withConnection} from '../support/databases.js'
import {type DumpedServer, startDumpedServer} from './own-server.js'
import {pgDump, psql} from './programs.js'

const names = {psql: uniqueName('by_psql'), ours: uniqueName('by_us')}
const recording = process.env['RECORD'] === '1'
let own: DumpedServer

beforeAll(async () => {
  own = await startDumpedServer()
})
afterAll(async () => {
  await query('postgres', `drop database if exists "${names.psql}"`)
  await own.stop()
})

/** psql in one transaction, as we run a file; one with transactions of its own is run as it is written. */
async function byPsql(url: string, name: string): Promise<boolean> {
  const one = name === 'transaction.sql' ? [] : ['-1']
  const {exitCode} = await execa(
    psql,
    [...one, '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-f', join(corpusFolder, name), url],
    {reject: false},
  )
  return exitCode === 0
}

async function ours(url: string, name: string): Promise<void> {
  const loaded = await cli(['schema:load', '--file', join(corpusFolder, name)], {env: {CONNECTION_URL: url}})
  expect(loaded, loaded.stderr).toMatchObject({exitCode: 0})
}

/** Random keys of \restrict differ from dump to dump. */
const dump = async (url: string): Promise<string> =>
  (await execa(pgDump, [url])).stdout.replaceAll(/^\\(un)?restrict .*$/gm, '')

async function fresh(run: (sql: string) => Promise<unknown>, name: string): Promise<void> {
  await run(`drop database if exists "${name}"`)
  await run(`create database "${name}"`)
}

/** On a server of psql's own version, which pg_dump can dump: false where psql cannot load the file there. */
async function sameByDump(name: string): Promise<boolean> {
  await Promise.all(Object.values(names).map((database) => fresh((sql) => own.run(sql), database)))
  // Dumps of a version that is later than psql's set what its server does not know.
  if (!(await byPsql(own.url(names.psql), name))) return false
  await ours(own.url(names.ours), name)
  expect(await dump(own.url(names.ours))).toBe(await dump(own.url(names.psql)))
  return true
}

/** What psql leaves on the embedded server, if it can load the file there. */
async function catalogByPsql(name: string): Promise<string | undefined> {
  await fresh((sql) => query('postgres', sql), names.psql)
  // The embedded server is later than psql 15, which COPY in CSV form tells: its \. is data from version 18.
  return (await byPsql(urlOf(names.psql), name)) ? withConnection(names.psql, describeDatabase) : undefined
}

describe('the database after our load is the database after psql -f', () => {
  // Our own load on the embedded server is held against the record: test/sql-files/corpus.test.ts.
  it.each(corpus)('%s', async (name) => {
    const [byDump, there] = await Promise.all([sameByDump(name), catalogByPsql(name)])
    expect(byDump || there !== undefined).toBe(true)
    const catalog = there ?? (await own.describe(names.psql))
    if (recording) {
      await mkdir(dirname(recordedCatalog(name)), {recursive: true})
      await writeFile(recordedCatalog(name), catalog)
    }
    expect(catalog).toBe(await readFile(recordedCatalog(name), 'utf8'))
  })
})
