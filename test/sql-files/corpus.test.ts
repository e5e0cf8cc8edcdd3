import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {afterAll, describe, expect, it} from 'vitest'
import {withClient} from '../../src/lib/postgres/connect/client.js'
import {runSqlFile} from '../../src/lib/sql-files/run-file.js'
import {ConnectionUrl} from '../../src/lib/targets/connection-url.js'
import {describeDatabase} from '../support/catalog.js'
import {corpus, corpusFolder, recordedCatalog} from '../support/corpus.js'
import {query, uniqueName, urlOf, withConnection} from '../support/databases.js'

const database = uniqueName('corpus')
afterAll(() => query('postgres', `drop database if exists "${database}"`))

describe('a database loaded by us is the one that psql leaves', () => {
  it('has a corpus of at least 30 files', () => {
    expect(corpus.length).toBeGreaterThanOrEqual(30)
  })

  it('needs no options, with a client of the caller’s own', async () => {
    await query('postgres', `create database "${database}"`)
    const path = join(corpusFolder, 'copy-text.sql')
    const {rows, transaction} = await withConnection(database, (client) => runSqlFile(client, path))
    expect({rows: rows > 0, transaction}).toEqual({rows: true, transaction: 'one'})
    expect(
      await withConnection(database, (client) =>
        runSqlFile(client, 'nowhere.sql').catch((error: Error) => error.message),
      ),
    ).toBe('nowhere.sql does not exist.')
  })

  it.each(corpus)('%s', async (name) => {
    await query('postgres', `drop database if exists "${database}"`)
    await query('postgres', `create database "${database}"`)
    const url = ConnectionUrl.parse(urlOf(database), 'url')
    const summary = await withClient(url, {}, (client) =>
      runSqlFile(client, join(corpusFolder, name), {cwd: corpusFolder}),
    )
    expect(summary.transaction).toBe(name === 'transaction.sql' ? 'own' : 'one')
    expect(await withConnection(database, describeDatabase)).toBe(await readFile(recordedCatalog(name), 'utf8'))
  })
})
