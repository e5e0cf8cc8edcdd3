import {mkdir, rm} from 'node:fs/promises'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {cli, json} from '../support/cli.js'
import {databaseExists, query, uniqueName, urlOf, withConnection} from '../support/databases.js'
import {writeSql} from '../support/sql-folder.js'
import {folderOfTest} from '../support/temporary-folder.js'

describe('setup', () => {
  it('drops, creates, loads and seeds, a line and a time each, and does it again', async () => {
    const name = uniqueName()
    const env = {CONNECTION_URL: urlOf(name)}
    for (const first of [`${name} does not exist`, `${name} is kept until the new one is complete`]) {
      const result = await cli(['setup'], {env})
      expect(result.exitCode).toBe(0)
      const [drop, create, schema, seed, , ready] = result.stdout.split('\n')
      expect(drop).toMatch(new RegExp(`^drop +[\\d.]+ m?s +${first}$`))
      expect(create).toMatch(new RegExp(`^create +[\\d.]+ m?s +${name} created$`))
      expect(schema).toMatch(/^schema:load +[\d.]+ m?s +.*schema\.sql$/)
      expect(seed).toMatch(/^seed +[\d.]+ m?s +.*seed\.sql$/)
      expect(ready).toBe(`${name} is ready. To open it: cruddur-db connect`)
      expect(await query(name, 'select count(*)::int as n from users')).toEqual([{n: 3}])
    }

    const document = json(await cli(['setup', '--json'], {env}))
    expect(document.result?.['steps']).toMatchObject([
      {step: 'drop'},
      {step: 'create'},
      {step: 'schema:load'},
      {step: 'seed'},
    ])
    await cli(['drop'], {env})
  })

  it("stops at the first failure with that step's exit code", async () => {
    const name = uniqueName()
    const env = {CONNECTION_URL: urlOf(name)}
    const folder = folderOfTest()
    await writeSql(folder, {schema: 'create tabel t ();', seed: 'create table seeded ();'})
    const result = await cli(['setup'], {env, cwd: folder})
    expect(result.exitCode).toBe(6)
    expect(result.stderr).toContain('schema:load: syntax error')
    expect(result.stderr).toContain('sql/schema.sql:1:8')
    expect(result.stdout).not.toContain('seed')
    expect(await databaseExists(name)).toBe(false)
    const {error} = json(await cli(['setup', '--json'], {env, cwd: folder}))
    expect(error).toMatchObject({step: 'schema:load', exit_code: 6})
    await cli(['create'], {env})
    await withConnection(name, async () => {
      expect(await cli(['setup'], {env})).toMatchObject({exitCode: 5, stdout: ''})
      expect(await cli(['setup', '--force'], {env})).toMatchObject({exitCode: 0})
    })
    await cli(['drop'], {env})
  })

  it('passes a missing seed over and says so, and touches nothing where the schema is missing', async () => {
    const name = uniqueName()
    const env = {CONNECTION_URL: urlOf(name)}
    const folder = folderOfTest()
    await writeSql(folder, {schema: 'create table t (n int);'})
    const result = await cli(['setup'], {env, cwd: folder})
    expect(result).toMatchObject({exitCode: 0})
    expect(result.stdout).toMatch(/^seed +\d+ ms {2}skipped: no seed file$/m)
    await query(name, 'insert into t values (7)')
    await rm(join(folder, 'sql', 'schema.sql'))
    for (const flags of [[], ['--cached'], ['--force']]) {
      const missing = await cli(['setup', ...flags], {env, cwd: folder})
      expect(missing).toMatchObject({exitCode: 3, stdout: ''})
      expect(missing.stderr).toContain('There is no sql/schema.sql')
    }

    await writeSql(folder, {schema: 'create table t (n int);', seed: 'select 1;'})
    await mkdir(join(folder, 'sql', 'seed'))
    expect(await cli(['setup'], {env, cwd: folder})).toMatchObject({exitCode: 3, stdout: ''})
    expect(await query(name, 'select n from t')).toEqual([{n: 7}])
    await cli(['drop'], {env})
  })

  it('applies to one target throughout', async () => {
    const [local, prod] = [uniqueName('local'), uniqueName('prod')]
    const env = {CONNECTION_URL: urlOf(local), PROD_CONNECTION_URL: urlOf(prod)}
    await cli(['setup'], {env})
    await query(local, "update users set display_name = 'untouched'")
    const result = await cli(['setup', 'prod', '--confirm', `${prod}@127.0.0.1`], {env})
    expect(result).toMatchObject({exitCode: 0})
    expect(result.stdout).toContain('cruddur-db connect prod')
    expect(await query(local, 'select distinct display_name from users')).toEqual([{display_name: 'untouched'}])
    expect(await query(prod, 'select count(*)::int as n from users')).toEqual([{n: 3}])
    await cli(['drop'], {env})
    await cli(['drop', 'prod', '--confirm', `${prod}@127.0.0.1`], {env})
  })
})

describe('a target other than local', () => {
  it.each([['setup'], ['drop'], ['schema:load'], ['seed']])(
    'is not touched by %s without its words',
    async (command) => {
      const [local, prod] = [uniqueName('local'), uniqueName('prod')]
      const env = {CONNECTION_URL: urlOf(local), PROD_CONNECTION_URL: urlOf(prod)}
      await query('postgres', `create database ${prod}`)
      const others = command === 'drop' ? [[], ['--confirm', prod], ['--confirm', '']] : []
      for (const words of [['--confirm', `${local}@127.0.0.1`], ...others]) {
        const result = await cli([command, 'prod', ...words], {env})
        expect(result).toMatchObject({exitCode: 7, stdout: ''})
        expect(result.stderr).toContain(`--confirm ${prod}@127.0.0.1`)
      }

      const {error} = json(await cli([command, 'prod', '--json'], {env}))
      expect(error).toMatchObject({code: 'not_confirmed', exit_code: 7})
      expect(await databaseExists(prod)).toBe(true)
      expect(await databaseExists(local)).toBe(false)
      expect(await query(prod, "select to_regclass('users') as users")).toEqual([{users: null}])
      await query('postgres', `drop database ${prod}`)
    },
  )
})
