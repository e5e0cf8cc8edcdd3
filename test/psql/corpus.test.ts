import {execa} from 'execa'
import {mkdir, writeFile} from 'node:fs/promises'
import {dirname, join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {describeDatabase} from '../support/catalog.js'
import {cli} from '../support/cli.js'
import {corpus, corpusFolder, recordedCatalog} from '../support/corpus.js'
import {query, uniqueName, urlOf, withConnection} from '../support/databases.js'
import {type DumpedServer, startDumpedServer} from './own-server.js'

const names = {psql: uniqueName('by_psql'), ours: uniqueName('by_us')}
const recording = process.env['RECORD'] === '1'
let own: DumpedServer

beforeAll(async () => {
  own = await startDumpedServer()
})
afterAll(async () => {
  for (const name of Object.values(names)) await query('postgres', `drop database if exists "${name}"`)
  await own.stop()
})

/** psql in one transaction, as we run a file; one with transactions of its own is run as it is written. */
async function psql(url: string, name: string): Promise<boolean> {
  const one = name === 'transaction.sql' ? [] : ['-1']
  const {exitCode} = await execa(
    'psql',
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
  (await execa('pg_dump', [url])).stdout.replaceAll(/^\\(un)?restrict .*$/gm, '')

async function fresh(run: (sql: string) => Promise<unknown>): Promise<void> {
  const one = async (name: string): Promise<void> => {
    await run(`drop database if exists "${name}"`)
    await run(`create database "${name}"`)
  }
  await Promise.all(Object.values(names).map(one))
}

/** On a server of psql's own version, which pg_dump can dump: false where psql cannot load the file there. */
async function sameByDump(name: string): Promise<boolean> {
  await fresh((sql) => own.run(sql))
  // Dumps of a version that is later than psql's set what its server does not know.
  if (!(await psql(own.url(names.psql), name))) return false
  await ours(own.url(names.ours), name)
  expect(await dump(own.url(names.ours))).toBe(await dump(own.url(names.psql)))
  return true
}

/** On the embedded server: what we leave there, and what psql does, if it can load the file. */
async function catalogs(name: string): Promise<{catalog: string; byPsql: string | undefined}> {
  await fresh((sql) => query('postgres', sql))
  // The embedded server is later than psql 15, which COPY in CSV form tells: its \. is data from version 18.
  const byPsql = (await psql(urlOf(names.psql), name)) ? await withConnection(names.psql, describeDatabase) : undefined
  await ours(urlOf(names.ours), name)
  return {catalog: await withConnection(names.ours, describeDatabase), byPsql}
}

describe('the database after our load is the database after psql -f', () => {
  it.each(corpus)('%s', async (name) => {
    const [byDump, {catalog, byPsql}] = await Promise.all([sameByDump(name), catalogs(name)])
    expect(byDump || byPsql !== undefined).toBe(true)
    const expected = byPsql ?? (await own.describe(names.psql))
    expect(catalog).toBe(expected)
    if (!recording) return
    await mkdir(dirname(recordedCatalog(name)), {recursive: true})
    await writeFile(recordedCatalog(name), expected)
  })
})
