import {mkdir, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {cli, type CliResult, json, start} from '../support/cli.js'
import {query, uniqueName, untilRows, urlAs, urlOf} from '../support/databases.js'
import {folderOfTest} from '../support/temporary-folder.js'

let name: string
let owner: string
/** The database by its owner, who is no superuser. */
let url: string
let folder: string

const run = (...args: string[]): Promise<CliResult> => cli(args, {env: {CONNECTION_URL: url}, cwd: folder})

beforeEach(async () => {
  name = uniqueName('recovery')
  owner = `${name}_owner`
  url = urlAs(owner, name)
  folder = folderOfTest()
  await files('select 1;')
  for (const role of [owner, `${name}_other`])
    await query('postgres', `create role ${role} login createdb password 'pw'`)
  await query('postgres', `create database ${name} owner ${owner}`)
  await query(name, "create table treasure as select 'gold' as what")
  await query(name, `alter table treasure owner to ${owner}`)
})
afterEach(async () => {
  for (const {datname} of await databases()) await query('postgres', `drop database ${datname} with (force)`)
  for (const role of [owner, `${name}_other`]) await query('postgres', `drop role ${role}`)
})

async function files(seed: string): Promise<void> {
  await mkdir(join(folder, 'sql'), {recursive: true})
  await writeFile(join(folder, 'sql', 'schema.sql'), 'create table fresh ();')
  await writeFile(join(folder, 'sql', 'seed.sql'), seed)
}

/** All databases of this test, as a rename, a drop or another comment would show. */
function databases(): Promise<{oid: number; datname: string; comment: string | null}[]> {
  const sql =
    "select oid, datname, shobj_description(oid, 'pg_database') as comment from pg_database where starts_with(datname, $1::text) order by datname"
  return query('postgres', sql, [name])
}

const named = async (database: string): Promise<object[]> =>
  (await databases()).filter(({datname}) => datname === database)
const holds = (table: string, database = name): Promise<object[]> =>
  query(database, 'select to_regclass($1)::text as t', [table])

/** Another database beside it, with a comment that its owner chose. */
async function make(database: string, by: string, comment: string): Promise<void> {
  await query('postgres', `create database ${database} owner ${by}`)
  await query('postgres', `comment on database ${database} is '${comment.replaceAll("'", "''")}'`)
  await query(database, 'create table precious ()')
}

const mark = (state: string): string =>
  `[cruddur-db ${JSON.stringify({state, of: name, at: '2026-01-01T00:00:00.000Z'})}]`
const askNothing = [['create'], ['undo', '--list'], ['doctor'], ['sessions'], ['wait'], ['cache', '--list']]

describe('a database whose comment says that it is ours', () => {
  const states = ['aside', 'kept', 'discard']

  it('of another role, is neither renamed nor dropped, nor is the one that it names, and nothing fails', async () => {
    for (const [index, state] of states.entries()) {
      for (const database of [
        `${name}_evil_${state}`,
        `${name}_${state}`,
        `${name}_undo${index === 0 ? '' : index + 1}`,
      ])
        await make(database, `${name}_other`, mark(state))
    }

    const before = await databases()
    for (const command of askNothing) {
      expect(await run(...command), command.join(' ')).toMatchObject({exitCode: 0})
      expect(await databases(), command.join(' ')).toEqual(before)
    }

    const strangers = before.filter(({datname}) => datname !== name)
    expect(await run('setup')).toMatchObject({exitCode: 0})
    expect(await holds('fresh')).toEqual([{t: 'fresh'}])
    await run('undo', '--discard')
    await run('drop')
    expect(await databases()).toEqual(expect.arrayContaining(strangers))
    for (const {datname} of strangers) expect(await holds('precious', datname)).toEqual([{t: 'precious'}])
  })

  it('is not asked by a protected target either', async () => {
    await make(`${name}_evil`, `${name}_other`, mark('aside'))
    const before = await databases()
    for (const command of [
      ['undo', 'prod', '--list'],
      ['create', 'prod'],
      ['drop', 'prod'],
    ]) {
      const {exitCode} = await cli(command, {env: {PROD_CONNECTION_URL: urlOf(name)}, cwd: folder})
      expect(exitCode).toBe(command[0] === 'drop' ? 7 : 0)
      expect(await databases()).toEqual(before)
    }
  })

  it('of the same owner, made from a dump of one that was, is left alone', async () => {
    for (const state of states) {
      await make(`${name}_${state}`, owner, mark(state))
      await make(`${name}_copy_${state}`, owner, mark(state))
    }

    const strangers = (await databases()).filter(({datname}) => datname !== name)
    for (const command of [...askNothing, ['setup'], ['undo'], ['undo', '--discard'], ['drop']]) {
      expect(await run(...command), command.join(' ')).toMatchObject({exitCode: 0})
      expect(await databases(), command.join(' ')).toEqual(expect.arrayContaining(strangers))
    }
  })
})

describe('the database that has a mark as a restored dump or a rename by hand leaves it', () => {
  it.each(['aside', 'building', 'kept', 'discard'])('%s, is left where it is', async (state) => {
    await query('postgres', `comment on database ${name} is '${mark(state)}'`)
    const before = await databases()
    // Those that look for copies see each state, the others one.
    for (const command of state === 'kept' ? askNothing : askNothing.slice(0, 2)) {
      expect(await run(...command), command.join(' ')).toMatchObject({exitCode: 0})
      expect(await databases(), command.join(' ')).toEqual(before)
    }

    await run('undo', '--discard')
    expect(await databases()).toEqual(before)
    expect(await holds('treasure')).toEqual([{t: 'treasure'}])
  })
})

describe('the database that setup has kept', () => {
  let kept: string
  let oid: number
  beforeEach(async () => {
    for (const seed of ['create table once ();', 'create table twice ();']) {
      await files(seed)
      expect(await run('setup')).toMatchObject({exitCode: 0})
    }

    const [found] = (await databases()).filter(({datname}) => datname !== name)
    kept = found?.datname ?? ''
    oid = found?.oid ?? 0
    expect(await holds('once', kept)).toEqual([{t: 'once'}])
  })

  it('is the user’s own once it has another name', async () => {
    await query('postgres', `alter database ${kept} rename to ${name}_before`)
    expect(await run('setup')).toMatchObject({exitCode: 0})
    await run('undo', '--discard')
    await run('drop')
    expect(await named(`${name}_before`)).toMatchObject([{oid}])
    expect(await holds('once', `${name}_before`)).toEqual([{t: 'once'}])
  })

  it.each([['undo', '--discard'], ['setup'], ['setup', '--no-undo']])(
    'is the live one where it was put back by hand, for %s %s',
    async (...args) => {
      await query('postgres', `drop database ${name}`)
      await query('postgres', `alter database ${kept} rename to ${name}`)
      const command = args.filter((arg) => arg !== undefined)
      const {exitCode} = await run(...command)
      if (command[0] === 'setup') expect(exitCode).toBe(0)
      expect(await holds(command[0] === 'setup' ? 'twice' : 'once')).toEqual([
        {t: command[0] === 'setup' ? 'twice' : 'once'},
      ])
    },
  )

  it('is left by setup and undo --discard where it was protected, and named', async () => {
    expect(await cli(['protect'], {env: {CONNECTION_URL: urlOf(kept)}})).toMatchObject({exitCode: 0})
    for (const command of [
      ['setup', '--json'],
      ['setup', '--no-undo', '--json'],
    ]) {
      const result = await run(...command)
      expect(result).toMatchObject({exitCode: 0})
      if (!command.includes('--no-undo')) expect(json(result).warnings.join('\n')).toContain(kept)
      expect(await named(kept), command.join(' ')).toMatchObject([{oid}])
    }

    const discarded = await run('undo', '--discard')
    expect(discarded.stdout + discarded.stderr).toContain(kept)
    expect(await named(kept)).toMatchObject([{oid}])
    expect(await holds('once', kept)).toEqual([{t: 'once'}])
  })
})

describe('a setup that was killed', () => {
  /** Starts a setup whose seed does not end, and kills it there. */
  async function killInSeed(): Promise<void> {
    await files(`select pg_sleep(600) as ${name};`)
    const running = start(['setup'], {env: {CONNECTION_URL: url}, cwd: folder})
    const busy = "select 1 from pg_stat_activity where state = 'active' and usename = $1 and query like '%pg_sleep%'"
    await untilRows('postgres', busy, [owner])
    running.kill('SIGKILL')
    await running
    await files('select 1;')
  }

  it('has changed nothing under the name', async () => {
    const [{oid} = {oid: 0}] = await databases()
    await killInSeed()
    expect(await named(name)).toMatchObject([{oid}])
    expect(await holds('treasure')).toEqual([{t: 'treasure'}])
  })

  it('leaves what it has begun to a drop that is confirmed, and not to one that is refused', async () => {
    await killInSeed()
    const before = await databases()
    const prod = {PROD_CONNECTION_URL: url}
    expect(await cli(['drop', 'prod'], {env: prod, cwd: folder})).toMatchObject({exitCode: 7})
    expect(await databases()).toEqual(before)
    expect(before).toHaveLength(2)
    expect(await cli(['drop', 'prod', '--confirm', `${name}@127.0.0.1`], {env: prod, cwd: folder})).toMatchObject({
      exitCode: 0,
    })
    expect(await databases()).toEqual([])
  })

  it('leaves it to the next setup, which is not refused', async () => {
    await killInSeed()
    expect(await run('setup', '--no-undo')).toMatchObject({exitCode: 0})
    expect(await databases()).toHaveLength(1)
    expect(await holds('fresh')).toEqual([{t: 'fresh'}])
  })
})
