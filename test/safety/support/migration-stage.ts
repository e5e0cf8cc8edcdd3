import {expect, vi} from 'vitest'
import {cli, type Running, start} from '../../support/cli.js'
import {ask, uniqueName} from '../../support/databases.js'
import type {OwnServer} from '../../support/own-server.js'
import {
  allEffects,
  expectedEffects,
  ground,
  migrations,
  readEffects,
  type Recorded,
  withoutRunning,
} from './migrations.js'

/** A database on which the same migrations are begun again and again. */
export class MigrationStage {
  private readonly app = uniqueName('crash')
  private readonly name = uniqueName('shop')
  private readonly lengths: number[] = []
  /** How often which migrations were whole, half done or absent after a blow. */
  private readonly found = new Map<string, number>()

  private constructor(
    private readonly server: OwnServer,
    private readonly folder: string,
  ) {}

  static async make(server: OwnServer, folder: string): Promise<MigrationStage> {
    const stage = new MigrationStage(server, folder)
    await stage.reset()
    await stage.finish('the first run')
    return stage
  }

  /** An empty database, in place of the one before. */
  async reset(): Promise<void> {
    const {server, name} = this
    await ask(server.url('postgres'), `drop database if exists ${name} with (force)`)
    await ask(server.url('postgres'), `create database ${name}`)
    await ask(server.url(name), ground)
  }

  /** Starts a run, by another port if one is given. */
  run(port?: number): Running {
    const url = new URL(this.server.url(this.name))
    url.searchParams.set('application_name', this.app)
    if (port !== undefined) url.port = String(port)
    return start(['migrate'], {env: {CONNECTION_URL: url.href}, cwd: this.folder})
  }

  /** How long a run takes on the machine as busy as it is now. */
  length(): number {
    const last = this.lengths.slice(-5).sort((a, b) => a - b)
    return last[Math.floor(last.length / 2)] ?? NaN
  }

  /** Waits until no session of the runs is left. */
  async quiet(): Promise<void> {
    const left = 'select pid from pg_stat_activity where application_name = $1'
    const look = async (): Promise<void> => expect(await ask(this.server.url('postgres'), left, [this.app])).toEqual([])
    await vi.waitFor(look, {timeout: 30_000, interval: 20})
  }

  /** With no run since: what is there is what is recorded, and nothing of it twice. */
  async expectConsistent(when: string): Promise<void> {
    const records = await this.records()
    const effects = await this.effects()
    const context = `${when}: ${JSON.stringify(records)}`
    expect(withoutRunning(effects, records), context).toEqual(expectedEffects(records))
    const states = migrations.map(({version}) => {
      if (records.some((record) => record.version === version)) return 'x'
      return records.some((record) => record.version.startsWith(version)) ? '/' : '-'
    })
    const state = `${states.join('')}${records.some(({running}) => running !== null) ? ' in a statement' : ''}`
    this.found.set(state, (this.found.get(state) ?? 0) + 1)
  }

  /** The next run finishes, and everything has run once. What was struck may still hold its lock. */
  async finish(when: string): Promise<void> {
    const whole = (await this.records()).length === 0
    const begin = performance.now()
    const again = async (): Promise<void> => {
      const running = this.run()
      const {exitCode, stderr} = await running
      if (exitCode !== 0 && exitCode !== 5) expect.unreachable(`${when}, the next run: ${stderr}`)
      expect(exitCode, `${when}, the next run: ${stderr}`).toBe(0)
    }
    await vi.waitFor(again, {timeout: 30_000, interval: 100})
    if (whole) this.lengths.push(performance.now() - begin)
    expect(await this.effects(), when).toEqual(allEffects)
    expect(await this.records(), when).toEqual(
      migrations.map(({version}) => ({version, statement: null, running: null})),
    )
    const env = {CONNECTION_URL: this.server.url(this.name)}
    const status = await cli(['migrate:status', '--check'], {env, cwd: this.folder})
    expect(status, `${when}: ${status.stdout}`).toMatchObject({exitCode: 0})
  }

  /** Prints in which states it was found: `x` whole, `/` half done, `-` absent. */
  print(kind: string): void {
    const states = [...this.found].sort().map(([state, times]) => `${state} ${times} times`)
    console.log(`${kind}, then the migrations: ${states.join(', ')}`)
    this.found.clear()
  }

  private async effects(): Promise<string[]> {
    const rows = await ask<{effect: string}>(this.server.url(this.name), readEffects)
    return rows.map(({effect}) => effect).sort()
  }

  private async records(): Promise<Recorded[]> {
    const url = this.server.url(this.name)
    const [{there} = {there: false}] = await ask<{there: boolean}>(
      url,
      "select to_regclass('schema_migrations') is not null as there",
    )
    return there ? ask<Recorded>(url, 'select version, statement, running from schema_migrations order by version') : []
  }
}
