import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {expect, inject, it} from 'vitest'
import {postgresRule, withFakeEc2} from '../support/aws.js'
import {cli, type CliOptions, json, type JsonDocument} from '../support/cli.js'
import {query, uniqueName, urlOf, withConnection} from '../support/databases.js'
import {Migrations, up, version} from '../support/migrations.js'
import {schema, validator} from '../support/schema.js'
import {withServerHome} from '../support/server-home.js'
import {folderOfTest, temporaryFolder} from '../support/temporary-folder.js'

const {commands} = JSON.parse(await readFile(new URL('../../oclif.manifest.json', import.meta.url), 'utf8')) as {
  commands: Record<string, {flags: Record<string, unknown>}>
}
const answering = Object.keys(commands).filter((id) => commands[id]?.flags['json'] !== undefined)

const dumped = join(temporaryFolder(), 'dumped.sql')

/** One after the other on one database; each is a success. A new command gets a line here. */
const onDatabase = (words: string): string[][] => [
  ['create'],
  ['create'],
  ['schema:load'],
  ['schema:dump'],
  ['schema:diff', 'local', 'local'],
  ['seed'],
  ['setup', '--force'],
  ['dump', '--file', dumped],
  ['restore', '--file', dumped, '--force'],
  ['wait'],
  ['doctor'],
  ['sessions', '--all'],
  ['sessions:kill', '2147483647'],
  ['target'],
  ['target', 'local'],
  ['activity:create', '--handle', 'ada', '--message', 'It answers!', '--ttl', '1-hour'],
  ['activity:update', '--handle', 'ada', '--uuid', 'UUID', '--message', 'It answers.'],
  ['activity:home', '--limit', '1'],
  ['activity:delete', '--handle', 'ada', '--uuid', 'UUID'],
  ['cache'],
  ['snapshot', 'one'],
  ['snapshot', '--list'],
  ['snapshot:restore', 'one', '--force'],
  ['snapshot', 'one', '--drop'],
  ['undo', '--list'],
  ['undo', '--force'],
  ['undo', '--discard'],
  ['protect'],
  ['unprotect', '--confirm', words],
  ['drop', '--force'],
  ['drop'],
]

/** One after the other in a project with one migration. */
const onMigrations = [
  ['migrate'],
  ['migrate:status'],
  ['migrate:adopt', '--to', version(1)],
  ['migrate:check'],
  ['migrate:down'],
  ['migrate:new', 'more'],
]

type Place = (use: (options: CliOptions) => Promise<void>) => Promise<void>

/** In an empty folder. */
const inNewFolder: Place = async (use) => {
  const cwd = folderOfTest()
  await use({cwd})
}

/** From another database of the test's server. */
const fromSource: Place = async (use) => {
  const [local, source] = [uniqueName('contract'), uniqueName('contract')]
  await query('postgres', `create database ${source}`)
  const cwd = folderOfTest()
  await use({env: {CONNECTION_URL: urlOf(local), PROD_CONNECTION_URL: urlOf(source)}, cwd})
  for (const name of [local, source]) await query('postgres', `drop database if exists ${name} with (force)`)
}

const serverOfItsOwn: Place = (use) => withServerHome((env) => use({env}))

/** Each in a place of its own. */
const elsewhere: [string[], Place][] = [
  [
    ['sg:update', '--ip', '203.0.113.9'],
    (use) => withFakeEc2([postgresRule], ({env, folder}) => use({env, cwd: folder})),
  ],
  [['server:status'], serverOfItsOwn],
  [['server:start'], serverOfItsOwn],
  [['server:stop'], serverOfItsOwn],
  [['pull', 'prod'], fromSource],
  [['pull:new', 'prod'], fromSource],
  [['init'], inNewFolder],
  [['--help'], (use) => use({})],
  [['create', '--help'], (use) => use({})],
  [['completion', 'bash'], (use) => use({})],
  [['--version'], (use) => use({})],
]

it('each command that has --json answers as the schema of the package says', async () => {
  const seen = new Set<string | null>()
  const run = async (args: string[], options: CliOptions): Promise<JsonDocument> => {
    const answer = await cli([...args, '--json'], options)
    expect(answer, args.join(' ')).toMatchObject({exitCode: 0})
    const document = json(answer)
    expect(validator()(document), args.join(' ')).toBe(true)
    seen.add(document.command)
    return document
  }

  const inPlace = async ([args, place]: (typeof elsewhere)[number]): Promise<void> =>
    place(async (options) => void (await run(args, options)))
  await Promise.all([runOnDatabase(run), runOnMigrations(run), ...elsewhere.map(inPlace)])
  expect([...seen].sort()).toEqual([...answering, 'help', 'version'].sort())
}, 240_000)

async function runOnDatabase(run: (args: string[], options: CliOptions) => Promise<JsonDocument>): Promise<void> {
  const name = uniqueName('contract')
  const env = {CONNECTION_URL: urlOf(name)}
  let uuid = ''
  await withConnection('postgres', async () => {
    for (const step of onDatabase(`${name}@127.0.0.1`)) {
      const {result} = await run(
        step.map((word) => (word === 'UUID' ? uuid : word)),
        {env},
      )
      if (step[0] === 'activity:create') uuid = String(result?.['uuid'])
    }
  })
}

async function runOnMigrations(run: (args: string[], options: CliOptions) => Promise<JsonDocument>): Promise<void> {
  const its = new Migrations(uniqueName('contract'), folderOfTest())
  const env = {CONNECTION_URL: urlOf(its.database), CRUDDUR_DB_HOME: inject('serverHome')}
  await its.empty()
  await its.write({1: up('create table a ();', 'drop table a;')})
  for (const step of onMigrations) await run(step, {env, cwd: its.folder})
  await its.drop()
}

it('the schema takes no more and no less than that', () => {
  const frame = {schema: 'cruddur-db/1', command: 'create', target: null, warnings: [], duration_ms: 1}
  const result = {database: 'd', created: true}
  const error = {code: 'c', exit_code: 5, message: 'm', next: [], details: {}}
  const takes = (document: object): boolean => validator()(document)
  expect(takes({...frame, result})).toBe(true)
  expect(takes({...frame, error})).toBe(true)
  expect(takes({...frame, command: null, error})).toBe(true)
  for (const wrong of [
    frame,
    {...frame, result, error},
    {...frame, result: {...result, more: 1}},
    {...frame, result: {database: 'd'}},
    {...frame, result, schema: 'cruddur-db/2'},
    {...frame, result, command: 'connect'},
    {...frame, result, more: 1},
    {...frame, error: {...error, exit_code: 0}},
    {...frame, error: {...error, exit_code: 10}},
  ])
    expect(takes(wrong), JSON.stringify(wrong)).toBe(false)
  expect(Object.keys(schema.$defs)).toEqual(expect.arrayContaining([...answering, 'failure', 'help', 'version']))
})
