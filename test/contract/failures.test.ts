import {writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {errorJson} from '../../src/lib/cli/document.js'
import {MissingProgramError} from '../../src/lib/errors.js'
import {cli, json} from '../support/cli.js'
import {query, uniqueName, urlOf} from '../support/databases.js'
import {preload, whileConnecting} from '../support/preload.js'
import {validator} from '../support/schema.js'
import {temporaryFolder} from '../support/temporary-folder.js'

const name = uniqueName('failing')
const here = {CONNECTION_URL: urlOf(name)}
const nowhere = {CONNECTION_URL: 'postgres://u:secret@127.0.0.1:1/d'}
const folder = temporaryFolder()

beforeAll(async () => {
  await writeFile(join(folder, 'bad.sql'), 'create table bad (id int);\nselect nonsense;\n')
  await query('postgres', `create database ${name}`)
})
afterAll(async () => {
  await query('postgres', `drop database ${name} with (force)`)
})

/** Every class of failure that a spawned program can be brought to without a signal; test/commands/interruption has 130. */
const classes: [number, string, string[], NodeJS.ProcessEnv][] = [
  [
    1,
    'bug',
    ['create'],
    {
      ...here,
      ...preload("globalThis.AbortController = class { constructor() { throw new Error('postgres://u:secret@h/d') } }"),
    },
  ],
  [1, 'bug', ['create'], {...here, ...whileConnecting("setImmediate(() => { throw new TypeError('thrown') })")}],
  [1, 'bug', ['create'], {...here, ...whileConnecting("Promise.reject(new Error('rejected'))")}],
  [1, 'bug', ['create'], {...here, ...whileConnecting('Promise.reject(undefined)')}],
  [2, 'usage', ['create', '--nonsense'], here],
  [2, 'command_unknown', ['dorp'], here],
  [2, 'command_incomplete', ['schema'], here],
  [2, 'usage', ['activity:create'], here],
  [3, 'variable_missing', ['create', 'staging'], here],
  [3, 'file_missing', ['seed', '--file', 'absent.sql'], here],
  [4, 'ECONNREFUSED', ['create'], nowhere],
  [5, 'nothing_kept', ['undo'], here],
  [6, '42703', ['seed', '--file', 'bad.sql'], here],
  [7, 'not_confirmed', ['drop', 'prod'], {PROD_CONNECTION_URL: urlOf(name)}],
  [
    8,
    'aws_credentials_missing',
    ['sg:update', '--ip', '203.0.113.9', '--group-id', 'sg-0a', '--rule-id', 'sgr-0a', '--region', 'eu-central-1'],
    {AWS_EC2_METADATA_DISABLED: 'true', HOME: '/nowhere'},
  ],
  [9, 'layer_failed', ['doctor'], nowhere],
]

describe('a failure', () => {
  it.each(classes)(
    'of exit code %i, %s, is one document of the schema, and the same code without --json',
    async (exitCode, code, args, env) => {
      const [human, machine] = await Promise.all([
        cli(args, {env, cwd: folder}),
        cli([...args, '--json'], {env, cwd: folder}),
      ])
      expect(human.exitCode).toBe(exitCode)
      expect(human.stderr).toMatch(/^Error: /m)
      expect(machine.exitCode).toBe(exitCode)
      expect(json(machine).error).toMatchObject({code, exit_code: exitCode})
      expect(human.stdout + human.stderr + machine.stdout + machine.stderr).not.toContain('secret')
    },
  )

  it('of a program that is not installed has its form too', () => {
    expect(
      validator('ErrorJson')(errorJson(new MissingProgramError('psql is not installed.', {code: 'psql_missing'}))),
    ).toBe(true)
  })

  it('of connect, which has no --json, or of a --json with a value, is a document all the same, and what is for psql asks for none', async () => {
    const machine = await cli(['connect', '--json'], {env: nowhere})
    expect(machine.exitCode).toBe(2)
    expect(json(machine)).toMatchObject({command: 'connect', error: {code: 'usage'}})
    expect(json(await cli(['create', '--json=true'], {env: nowhere})).error).toMatchObject({
      code: 'usage',
      message: '--json takes no value.',
    })
    const human = await cli(['connect', 'staging', '--', '--json'], {env: nowhere})
    expect(human).toMatchObject({exitCode: 3, stdout: ''})
  })
})

describe('--json', () => {
  it('may come first, and asks help and the version for a document', async () => {
    expect(
      json(await cli(['--json', 'schema', 'load', '--file', 'absent.sql'], {env: here, cwd: folder})),
    ).toMatchObject({command: 'schema:load', error: {code: 'file_missing'}})
    for (const args of [['--json'], ['--json', '--help'], ['help', '--json'], ['--help', '--json']]) {
      const {command, result} = json(await cli(args))
      expect(command).toBe('help')
      expect(result?.['commands']).toEqual(
        expect.arrayContaining([expect.objectContaining({id: 'create', usage: 'create [target]'})]),
      )
    }

    expect(json(await cli(['help', 'create', '--json'])).result?.['commands']).toMatchObject([{id: 'create'}])
    for (const args of [
      ['--version', '--json'],
      ['--json', '--version'],
    ]) {
      expect(json(await cli(args))).toMatchObject({
        command: 'version',
        result: {node: process.versions.node, platform: process.platform},
      })
    }
  })
})
