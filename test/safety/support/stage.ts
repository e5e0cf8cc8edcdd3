import {join} from 'node:path'
import {expect, vi} from 'vitest'
import {cli, type CliResult, type Running, start} from '../../support/cli.js'
import {ask, uniqueName} from '../../support/databases.js'
import type {OwnServer} from '../../support/own-server.js'
import {filling, type Generation, judge, reading} from './generations.js'
import {type Genuine, makeNeighbors, type Neighbors} from './neighbors.js'

/** What {@link Stage.setup} takes. */
export interface SetupRun {
  /** What the new database is to hold. */
  to: Generation
  flags: readonly string[]
  /** Another way to the same database. */
  url?: string
}

/** A filled database of a test's own on a server, among hostile neighbors, that setups replace again and again. */
export class Stage {
  /** What the database holds. */
  now: Generation = 'first'

  private readonly app = uniqueName('crash')
  private readonly lengths: number[] = []

  private constructor(
    readonly server: OwnServer,
    readonly folder: string,
    readonly name: string,
    /** The way to the database as the program and its readers go it. */
    readonly url: string,
    readonly neighbors: Neighbors,
  ) {}

  /** Makes it; `plain` has the program connect as the database's owner, who is no superuser. */
  static async make(server: OwnServer, folder: string, {plain = false} = {}): Promise<Stage> {
    const name = uniqueName('shop')
    const url = new URL(server.url(name))
    const run = (sql: string): Promise<object[]> => ask(server.url('postgres'), sql)
    if (plain) {
      Object.assign(url, {username: `${name}_owner`, password: 'pw'})
      await run(`create role ${name}_owner login createdb password 'pw'`)
    }

    await run(`create database ${name} owner ${url.username}`)
    await ask(url.href, filling('first'))
    const neighbors = await makeNeighbors(
      (database) => server.url(database),
      name,
      await genuine(server, folder, url.href),
    )
    const stage = new Stage(server, folder, name, url.href, neighbors)
    for (const to of ['second', 'first'] as const) await stage.again({to, flags: ['--no-undo']})
    await neighbors.expectUntouched()
    return stage
  }

  /** Starts a setup. */
  setup({to, flags, url = this.url}: SetupRun): Running {
    const at = new URL(url)
    at.searchParams.set('application_name', this.app)
    return start(['setup', ...flags], {env: {CONNECTION_URL: at.href}, cwd: join(this.folder, to)})
  }

  /** Runs a setup that must do its work, in seconds. */
  async again(run: SetupRun): Promise<void> {
    const begin = performance.now()
    const {exitCode, stderr} = await this.setup(run)
    const length = performance.now() - begin
    expect({exitCode, stderr: exitCode === 0 ? '' : stderr}, 'the next setup').toEqual({exitCode: 0, stderr: ''})
    expect(length, 'milliseconds of the next setup').toBeLessThan(15_000)
    this.lengths.push(length)
    this.now = run.to
  }

  /** How long a setup takes, by the last that ran, on the machine as busy as it is now. */
  length(): number {
    const last = this.lengths.slice(-7).sort((a, b) => a - b)
    return last[Math.floor(last.length / 2)] ?? NaN
  }

  /** Runs another command of ours on the database. */
  command(...args: string[]): Promise<CliResult> {
    return cli(args, {env: {CONNECTION_URL: this.url}, cwd: join(this.folder, this.now)})
  }

  /** What stands under the name. */
  async found(name = this.name): Promise<ReturnType<typeof judge>> {
    return judge(await ask(this.server.url(name), reading))
  }

  /** The databases that have the name and something behind it, without the neighbors'. */
  async strays(): Promise<{undo: string[]; unfinished: string[]}> {
    const rows = await ask<{datname: string}>(
      this.server.url('postgres'),
      'select datname from pg_database where starts_with(datname, $1::text) and datname::text <> all($2::text[]) and datname <> $1::text',
      [this.name, this.neighbors.names],
    )
    const names = rows.map(({datname}) => datname)
    const isUndo = (name: string): boolean => /_undo\d*$/.test(name)
    return {undo: names.filter(isUndo), unfinished: names.filter((name) => !isUndo(name))}
  }

  /** Waits until the server has no session of the program's runs any more, and none in the database if it is to be `empty`. */
  async quiet({empty}: {empty: boolean}): Promise<void> {
    const left =
      "select pid from pg_stat_activity where backend_type = 'client backend' and (application_name = $1 or ($2 and datname = $3))"
    const look = async (): Promise<void> =>
      expect(await ask(this.server.url('postgres'), left, [this.app, empty, this.name])).toEqual([])
    await vi.waitFor(look, {timeout: 30_000, interval: 20})
  }
}

/** The marks that the program makes on what it keeps, and the databases that have them, which are gone afterwards. */
async function genuine(server: OwnServer, folder: string, url: string): Promise<{undo: Genuine; cache: Genuine}> {
  const of = async (pattern: string): Promise<Genuine> => {
    const sql =
      "select oid, datname, coalesce(shobj_description(oid, 'pg_database'), '') as comment from pg_database where datname like $1"
    const [row] = await ask<Genuine & {datname: string}>(server.url('postgres'), sql, [pattern])
    if (row === undefined) throw new Error(`setup --cached has made no ${pattern}`)
    await ask(server.url('postgres'), `drop database ${row.datname} with (force)`)
    return row
  }
  const made = await cli(['setup', '--cached'], {env: {CONNECTION_URL: url}, cwd: join(folder, 'first')})
  expect(made, made.stderr).toMatchObject({exitCode: 0})
  return {undo: await of('%\\_undo'), cache: await of('cruddur\\_cache\\_%')}
}
