import {readdirSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {withClient} from '../../src/lib/postgres/connect/client.js'
import {runSqlFile, type ScriptMessage} from '../../src/lib/sql-files/run-file.js'
import {OtherDatabases} from '../../src/lib/sql-files/other-databases.js'
import {ConnectionUrl} from '../../src/lib/targets/connection-url.js'
import type {Target} from '../../src/lib/targets/target.js'
import {describeDatabase} from './catalog.js'
import {query, urlOf, withConnection} from './databases.js'

/** Small files in psql's language, and what psql does with them. */
export const languageFolder = fileURLToPath(new URL('../fixtures/psql/', import.meta.url))
export const languageFiles = readdirSync(languageFolder).filter((name) => name.endsWith('.sql'))
export const recordedOutcomes = join(languageFolder, 'outcomes.json')

/** What a run has printed with \echo, and left in the database; only the first if it has failed. */
export interface Outcome {
  succeeded: boolean
  echoed: string[]
  database?: string
}

/** What the files print with \echo begins with this sign. */
export const echoed = (text: string): string[] => text.split(/\r?\n/).filter((line) => line.startsWith('> '))

export async function outcomeOf(database: string, run: () => Promise<Omit<Outcome, 'database'>>): Promise<Outcome> {
  await query('postgres', `drop database if exists "${database}"`)
  await query('postgres', `create database "${database}"`)
  const outcome = await run()
  // The shell and psql run each statement on its own, so that a failure leaves what came before.
  return outcome.succeeded ? {...outcome, database: await withConnection(database, describeDatabase)} : outcome
}

/** What our runner of SQL files does. */
export const outcomeOfFile = (database: string, name: string): Promise<Outcome> =>
  outcomeOf(database, async () => {
    const said: ScriptMessage[] = []
    const onMessage = (message: ScriptMessage): unknown => said.push(message)
    const url = ConnectionUrl.parse(urlOf(database), 'url')
    const target: Target = {name: 'local', url, origin: {kind: 'embedded'}}
    const context = {target, signal: new AbortController().signal, progress: () => undefined}
    const run = withClient(url, {}, async (client) => {
      const elsewhere = new OtherDatabases(client, context, {guarded: false, checksRows: false})
      await runSqlFile(client, join(languageFolder, name), {cwd: languageFolder, onMessage, elsewhere})
    })
    const succeeded = await run.then(
      () => true,
      () => false,
    )
    const lines = said.filter(({kind}) => kind === 'echo').map(({text}) => text)
    return {succeeded, echoed: echoed(lines.join('\n'))}
  })
