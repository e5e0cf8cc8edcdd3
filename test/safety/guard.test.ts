import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {cli, json} from '../support/cli.js'
import {databaseExists, query, uniqueName, urlAs, urlOf, withConnection} from '../support/databases.js'

const name = uniqueName('guarded')
const env = {CONNECTION_URL: urlOf(name)}
const words = `${name}@127.0.0.1`
const destructive = [['drop', '--force'], ['schema:load'], ['seed'], ['setup', '--force'], ['unprotect']]

beforeAll(async () => {
  await cli(['setup'], {env})
  await query(name, 'analyze')
  await query('postgres', `comment on database "${name}" is 'what the team wrote'`)
  expect(await cli(['protect'], {env})).toMatchObject({exitCode: 0, stdout: `Protected ${name}.`})
})
afterAll(async () => {
  await cli(['drop', '--force', '--confirm', words], {env})
})

describe('a database that was marked by protect', () => {
  it.each(destructive)('is not touched by %s %s, and what would be lost is shown', async (...args) => {
    const command = args.filter((arg) => arg !== undefined)
    await withConnection(name, async (client) => {
      await client.query("set application_name = 'the api'")
      const result = await cli(command, {env})
      expect(result).toMatchObject({exitCode: 7, stdout: ''})
      expect(result.stderr).toContain('cruddur-db protect has marked it')
      // The mark alone is lost by unprotect.
      if (command[0] !== 'unprotect') {
        expect(result.stderr).toMatch(/size +\d/)
        expect(result.stderr).toContain('activities (about 4 rows), users (about 3 rows)')
        expect(result.stderr).toMatch(/connected +the api$/m)
      }
      expect(result.stderr).toContain(`--confirm ${words}`)
      expect(await query(name, 'select count(*)::int as n from users')).toEqual([{n: 3}])
    })
  })

  it('is marked whatever the target is called, and a wrong word is no confirmation', async () => {
    for (const given of ['', name, `${name}@localhost`, words.toUpperCase()]) {
      expect(await cli(['drop', '--confirm', given], {env})).toMatchObject({exitCode: 7})
    }

    const other = {DEV_CONNECTION_URL: urlOf(name)}
    expect(json(await cli(['drop', 'dev', '--json'], {env: other})).error).toMatchObject({
      code: 'not_confirmed',
      exit_code: 7,
    })
  })

  it('keeps its comment, and is protected still after a confirmed setup, but its copy is not', async () => {
    expect(await cli(['protect'], {env})).toMatchObject({stdout: `${name} is already protected. Nothing was changed.`})
    expect(await cli(['setup', '--confirm', words], {env})).toMatchObject({exitCode: 0})
    expect(await cli(['drop'], {env})).toMatchObject({exitCode: 7})
    const copy = uniqueName('copy')
    await query('postgres', `create database ${copy} template "${name}"`)
    expect(await cli(['drop'], {env: {CONNECTION_URL: urlOf(copy)}})).toMatchObject({exitCode: 0})
  })

  it.each([
    ['of another server', '[cruddur-db {"protected":"1"}]'],
    ['with a line after it', '[cruddur-db {"protected":"1"}]\nsee the wiki'],
    ['beside one that is quoted', 'a marker is [cruddur-db {"state":"kept"}] or so\n[cruddur-db {"protected":"1"}]'],
    ['that was cut', '[cruddur-db {"protected":"1'],
  ])('is protected by a marker %s, and that is said', async (which, comment) => {
    const foreign = uniqueName('foreign')
    await query('postgres', `create database ${foreign}`)
    await query('postgres', `comment on database ${foreign} is '${comment}'`)
    const foreignEnv = {CONNECTION_URL: urlOf(foreign)}
    expect(await cli(['drop'], {env: foreignEnv})).toMatchObject({
      exitCode: 7,
      stderr: expect.stringContaining('on another server, or before an upgrade') as string,
    })
    if (which === 'of another server') {
      // Marked again, it is this server's.
      expect(await cli(['protect'], {env: foreignEnv})).toMatchObject({exitCode: 0, stdout: `Protected ${foreign}.`})
      expect(await cli(['drop'], {env: foreignEnv})).toMatchObject({
        exitCode: 7,
        stderr: expect.stringContaining('cruddur-db protect has marked it.') as string,
      })
    }
    expect(await cli(['unprotect', '--confirm', `${foreign}@127.0.0.1`], {env: foreignEnv})).toMatchObject({
      exitCode: 0,
    })
    expect(await cli(['drop'], {env: foreignEnv})).toMatchObject({exitCode: 0})
  })

  it('can be marked by its owner who is no superuser, and unmarked with the words', async () => {
    const [owner, owned] = [uniqueName('owner'), uniqueName('owned')]
    await query('postgres', `create role ${owner} login createdb password 'pw'`)
    await query('postgres', `create database ${owned} owner ${owner}`)
    await query('postgres', `comment on database ${owned} is 'mine'`)
    const own = {CONNECTION_URL: urlAs(owner, owned)}
    expect(await cli(['protect'], {env: own})).toMatchObject({exitCode: 0})
    expect(await cli(['unprotect'], {env: own})).toMatchObject({exitCode: 7})
    expect(await cli(['unprotect', '--confirm', `${owned}@127.0.0.1`], {env: own})).toMatchObject({
      exitCode: 0,
      stdout: `Unprotected ${owned}.`,
    })
    expect(
      await query('postgres', "select shobj_description(oid, 'pg_database') as c from pg_database where datname = $1", [
        owned,
      ]),
    ).toEqual([{c: 'mine'}])
    expect(await cli(['drop'], {env: own})).toMatchObject({exitCode: 0})
    await query('postgres', `drop role ${owner}`)
  })

  it('says so where there is nothing to protect', async () => {
    const absent = {CONNECTION_URL: urlOf(uniqueName())}
    for (const command of ['protect', 'unprotect']) {
      expect(await cli([command], {env: absent})).toMatchObject({
        exitCode: 5,
        stderr: expect.stringContaining('does not exist') as string,
      })
    }
  })
})

describe('an unreachable protected target', () => {
  it.each(destructive)('is refused by %s %s all the same', async (...args) => {
    const command = args.filter((arg) => arg !== undefined)
    const unreachable = {PROD_CONNECTION_URL: 'postgres://u:hunter2@127.0.0.1:1/d', CONNECTION_URL: urlOf(name)}
    const result = await cli([command[0] ?? '', 'prod', ...command.slice(1)], {env: unreachable})
    expect(result).toMatchObject({exitCode: 7, stdout: ''})
    expect(result.stderr).not.toContain('hunter2')
    expect(await databaseExists(name)).toBe(true)
  })
})
