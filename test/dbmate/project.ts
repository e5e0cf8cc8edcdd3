import {execa} from 'execa'
import {mkdir, writeFile} from 'node:fs/promises'
import {dirname, join} from 'node:path'
import {expect, inject, onTestFinished} from 'vitest'
import {bareEnvironment, cli, type CliResult, json} from '../support/cli.js'
import {query, uniqueName, urlOf} from '../support/databases.js'
import {folderOfTest} from '../support/temporary-folder.js'

/** The program to compare with: `DBMATE` names its file, otherwise it is looked for in the PATH. */
const binary = process.env['DBMATE'] ?? 'dbmate'

export interface ProjectOptions {
  /** Texts of migrations, by file name. */
  files?: Record<string, string>
  /** The folder of the migrations, for both programs. */
  dir?: string
}

/** A migration as `migrate:status` shows it. */
export interface Shown {
  version: string
  state: string
  statements: number | null
  appliedBy: string | null
}

/** A folder with migrations and a database, on which both programs work. */
export class Project {
  private constructor(
    readonly folder: string,
    readonly database: string,
    private readonly dir: string,
  ) {}

  /** Makes one for a test. */
  static async make({files = {}, dir = 'sql/migrations'}: ProjectOptions): Promise<Project> {
    const project = new Project(folderOfTest(), uniqueName('both'), dir)
    await query('postgres', `create database ${project.database}`)
    onTestFinished(async () => void (await query('postgres', `drop database ${project.database} with (force)`)))
    for (const [name, text] of Object.entries(files)) await project.write(name, text)
    return project
  }

  /** Writes a migration. */
  async write(name: string, text: string): Promise<void> {
    await this.writeFile(join(this.dir, name), text)
  }

  async writeFile(name: string, text: string): Promise<void> {
    const path = join(this.folder, name)
    await mkdir(dirname(path), {recursive: true})
    await writeFile(path, text)
  }

  query<Row extends object>(sql: string): Promise<Row[]> {
    return query<Row>(this.database, sql)
  }

  /** Runs our program, which must succeed. */
  async ours(command: string, ...args: string[]): Promise<CliResult> {
    const result = await this.tryOurs(command, ...args)
    expect(result, result.stderr).toMatchObject({exitCode: 0})
    return result
  }

  /** `options` are sent to the server. */
  tryOurs(command: string, ...args: string[]): Promise<CliResult> {
    const [options] = args.filter((arg) => arg.startsWith('-c'))
    const url = new URL(urlOf(this.database))
    if (options !== undefined) url.searchParams.set('options', options)
    const dir = this.dir === 'sql/migrations' ? [] : ['--dir', this.dir]
    const rest = args.filter((arg) => arg !== options)
    const env = {CONNECTION_URL: url.href, CRUDDUR_DB_HOME: inject('serverHome')}
    return cli([command, ...dir, ...rest], {env, cwd: this.folder})
  }

  /** Runs dbmate, which must succeed; returns what it prints. */
  async dbmate(command: string, parameters: Record<string, string> = {}): Promise<string> {
    const {exitCode, all} = await this.tryDbmate(command, parameters)
    expect(exitCode, all).toBe(0)
    return all
  }

  async tryDbmate(
    command: string,
    parameters: Record<string, string> = {},
  ): Promise<{exitCode: number | undefined; all: string}> {
    const url = new URL(urlOf(this.database))
    for (const [name, value] of Object.entries({sslmode: 'disable', ...parameters})) url.searchParams.set(name, value)
    const args = ['--no-dump-schema', '--migrations-dir', this.dir, command]
    const {exitCode, all, shortMessage} = await execa(binary, args, {
      env: {...bareEnvironment, DATABASE_URL: url.href},
      extendEnv: false,
      cwd: this.folder,
      reject: false,
      all: true,
    })
    // A binary that is not there prints nothing.
    return {exitCode, all: all === '' ? String(shortMessage) : all}
  }

  /** The states of the versions, as each of the programs has them. */
  async states(): Promise<{ours: Record<string, string>; dbmate: Record<string, string>}> {
    const ours = await this.status()
    const dbmate = [...(await this.dbmate('status')).matchAll(/^\[(.)\] (\d{14})_/gm)]
    return {
      ours: Object.fromEntries(ours.map(({version, state}) => [version, state])),
      dbmate: Object.fromEntries(
        dbmate.map(([, mark, version = '']) => [version, mark === 'X' ? 'applied' : 'pending']),
      ),
    }
  }

  /** Checks that both programs see these states. */
  async expectStates(states: Record<string, string>): Promise<void> {
    expect(await this.states()).toEqual({ours: states, dbmate: states})
  }

  /** What `migrate:status` shows. */
  async status(): Promise<Shown[]> {
    const {result} = json(await this.ours('migrate:status', '--json'))
    return result?.['migrations'] as Shown[]
  }

  /** The names of the tables, without that of the records. */
  async tables(): Promise<string[]> {
    const rows = await this.query<{name: string}>(
      "select relname::text as name from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace and relname <> 'schema_migrations' order by 1",
    )
    return rows.map(({name}) => name)
  }
}
