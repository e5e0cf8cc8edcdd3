import {execa} from 'execa'
import {mkdir, readFile, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {cli} from '../support/cli.js'
import {query, uniqueName, urlOf} from '../support/databases.js'
import {
  echoed,
  languageFiles,
  languageFolder,
  type Outcome,
  outcomeOf,
  outcomeOfFile,
  recordedOutcomes,
} from '../support/psql-language.js'
import {temporaryFolder} from '../support/temporary-folder.js'
import {psql} from './programs.js'

const database = uniqueName('language')
const home = temporaryFolder()
const recording = process.env['RECORD'] === '1'
const outcomes: Record<string, Outcome> = {}

beforeAll(() => mkdir(join(home, 'bin')))
afterAll(async () => {
  await query('postgres', `drop database if exists "${database}"`)
  if (recording) await writeFile(recordedOutcomes, `${JSON.stringify(outcomes, null, 2)}\n`)
})

const byPsql = (name: string): Promise<Outcome> =>
  outcomeOf(database, async () => {
    const {exitCode, stdout} = await execa(psql, ['-X', '-q', '-v', 'ON_ERROR_STOP=1', '-f', name, urlOf(database)], {
      cwd: languageFolder,
      env: {LANG: 'C.UTF-8'},
      reject: false,
    })
    return {succeeded: exitCode === 0, echoed: echoed(stdout)}
  })

const inShell = (name: string): Promise<Outcome> =>
  outcomeOf(database, async () => {
    const {exitCode, stdout} = await cli(['connect', '--', '-f', name], {
      cwd: languageFolder,
      env: {PATH: join(home, 'bin'), HOME: home, CONNECTION_URL: urlOf(database)},
    })
    return {succeeded: exitCode === 0, echoed: echoed(stdout)}
  })

describe("psql's language has the same effect in psql, in a file and in the shell", () => {
  it.each(languageFiles)('%s', async (name) => {
    const theirs = await byPsql(name)
    outcomes[name] = theirs
    expect(await outcomeOfFile(database, name)).toEqual(theirs)
    expect(await inShell(name)).toEqual(theirs)
    if (recording) return
    const recorded = JSON.parse(await readFile(recordedOutcomes, 'utf8')) as Record<string, Outcome>
    expect(recorded[name]).toEqual(theirs)
  })
})
