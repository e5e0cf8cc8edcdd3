import {readFile, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {afterAll, beforeEach, describe, expect, inject, it} from 'vitest'
import {cli, type CliResult, json} from '../support/cli.js'
import {uniqueName, urlOf} from '../support/databases.js'
import {Migrations, up, version} from '../support/migrations.js'
import {writeSql} from '../support/sql-folder.js'
import {folderOfTest} from '../support/temporary-folder.js'

const database = uniqueName('marked')
const env = {CONNECTION_URL: urlOf(database), CRUDDUR_DB_HOME: inject('serverHome')}
let folder: string
let its: Migrations
const run = (...args: string[]): Promise<CliResult> => cli(args, {env, cwd: folder})

const schema = 'drop table if exists a, b;\ncreate table a (); create table b ();'
const both = {1: up('create table a ();', 'drop table a;'), 2: up('create table b ();', 'drop table b;')}

beforeEach(async () => {
  folder = folderOfTest()
  its = new Migrations(database, folder)
  await its.write(both)
  await writeSql(folder, {schema, seed: 'select 1;'})
})
afterAll(async () => {
  await run('cache', '--clear')
  await run('undo', '--discard')
  await its.drop()
})

describe('the schema of a project has what its migrations make', () => {
  it('so setup records them, and schema:load, too', async () => {
    expect(await run('setup')).toMatchObject({exitCode: 0})
    expect(await run('migrate')).toMatchObject({exitCode: 0, stdout: `Nothing to apply to ${database}.`})
    expect(await its.recorded()).toEqual([version(1), version(2)])
    expect((await its.status()).result?.migrations).toMatchObject([
      {state: 'applied', name: 'm1', appliedBy: 'postgres', durationMs: null},
      {state: 'applied'},
    ])
    // By what was stored, as if they had run.
    expect(await its.down({count: 2})).toMatchObject({result: {undone: [{}, {}]}})

    // One that is still empty is to be applied later; what the schema has set leads nowhere else.
    await its.write({...both, 3: '-- migrate:up\n\n\n-- migrate:down\n\n'})
    await writeSql(folder, {
      schema: `${schema}\ncreate schema if not exists s; set search_path = s; set role pg_monitor;`,
    })
    expect(await run('schema:load')).toMatchObject({exitCode: 0})
    expect(await its.recorded()).toEqual([version(1), version(2)])
    await its.write({...both, 3: up('create table c ();')})
    expect(await its.apply()).toMatchObject({result: {applied: [{version: version(3)}]}})
    // Those that are recorded stay as they are.
    await its.write({...both, 2: up('create table b (); select 1;')})
    expect(await run('schema:load')).toMatchObject({exitCode: 0})
    expect((await its.status()).result?.migrations.map(({state}) => state)).toEqual(['applied', 'edited', 'missing'])
  })

  it('in its own transaction, so one that fails records none', async () => {
    await its.empty()
    await writeSql(folder, {schema: 'create table a ();\nselect nothing;'})
    expect(await run('schema:load')).toMatchObject({exitCode: 6})
    expect(await its.ask("select to_regclass('schema_migrations') as t, to_regclass('a') as a")).toEqual([
      {t: null, a: null},
    ])
    await writeSql(folder, {schema: 'begin; create table a (); create table b (); commit;\nset search_path = nowhere;'})
    expect(await run('schema:load')).toMatchObject({exitCode: 0})
    expect(await its.recorded()).toEqual([version(1), version(2)])
  })

  it('but another file records none, and one that is no migration is named', async () => {
    await its.empty()
    await writeFile(join(folder, 'other.sql'), 'create table other ();')
    expect(await run('schema:load', '--file', 'other.sql')).toMatchObject({exitCode: 0})
    for (const [name, text] of [
      ['V3__c.sql', ''],
      [`${version(3)}_c.sql`, '-- migrate:up transaction: false\nselect 1;'],
    ] as const) {
      await its.write({...both, [name]: text})
      const result = await run('schema:load')
      expect(result).toMatchObject({exitCode: 0})
      expect(result.stderr).toMatch(/^The migrations are not recorded as applied: [^]*(V3__c|not known)/m)
    }
    expect(await its.ask("select to_regclass('schema_migrations') as t")).toEqual([{t: null}])
  })
})

it('setup --cached makes the database again after a new migration', async () => {
  await run('setup', '--cached')
  expect((await run('setup', '--cached')).stdout).toContain(`${database} copied from the cache`)
  expect(await its.recorded()).toHaveLength(2)
  await its.write({...both, 3: up('create table c ();')})
  expect((await run('setup', '--cached')).stdout).toContain('cached for the next')
  expect(await its.recorded()).toHaveLength(3)
})

it('doctor, schema:diff, schema:dump and restore know the table', async () => {
  await run('setup')
  expect((await run('doctor')).stdout).toMatch(/migrations +.*2 applied$/m)
  await its.write({1: both[1], 3: up('create table c ();')})
  expect(json(await run('doctor', '--json')).result?.['layers']).toContainEqual(
    expect.objectContaining({
      layer: 'migrations',
      status: 'warning',
      detail: '1 applied, 1 missing, 1 pending. To list: cruddur-db migrate:status',
    }),
  )
  expect(await run('schema:diff')).toMatchObject({
    exitCode: 0,
    stdout: 'local and sql/schema.sql have the same schema.',
  })

  // Both dumps have the table and what it records.
  expect(await run('dump', '--file', 'all.sql')).toMatchObject({exitCode: 0})
  expect(await readFile(join(folder, 'all.sql'), 'utf8')).toMatch(
    /CREATE TABLE public\.schema_migrations[^]*COPY public\.schema_migrations/,
  )
  await its.down()
  expect(await run('restore', '--file', 'all.sql', '--force')).toMatchObject({exitCode: 0})
  expect((await its.status()).result?.migrations.map(({state}) => state)).toEqual(['applied', 'missing', 'pending'])
  expect((await its.status()).result?.migrations[0]).toMatchObject({appliedBy: 'postgres', name: 'm1'})
  expect(await its.apply()).toMatchObject({result: {applied: [{version: version(3)}]}})
})
