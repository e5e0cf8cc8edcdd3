import {mkdir, rm, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import type {OperationContext} from '../../src/lib/access/context.js'
import {type CruddurError, RefusedError} from '../../src/lib/errors.js'
import {type DownOptions, type DownResult, migrateDown} from '../../src/lib/migrations/down.js'
import {migrate, type MigrateOptions, type MigrateResult} from '../../src/lib/migrations/migrate.js'
import {migrationStatus, type StatusResult} from '../../src/lib/migrations/status.js'
import {defaultLockWaits} from '../../src/lib/sql-files/lock-retry.js'
import {ConnectionUrl} from '../../src/lib/targets/connection-url.js'
import {query, urlOf} from './databases.js'

/** The version of the nth migration of a test. */
export const version = (n: number): string => String(20260101000000 + n)

/** Puts these files, and no others, into `sql/migrations`; a number as name stands for `<version>_m<number>.sql`. */
export async function writeMigrations(folder: string, files: Record<string, string>): Promise<void> {
  const place = join(folder, 'sql', 'migrations')
  await rm(place, {recursive: true, force: true})
  await mkdir(place, {recursive: true})
  for (const [name, text] of Object.entries(files))
    await writeFile(join(place, /^\d{1,3}$/.test(name) ? `${version(Number(name))}_m${name}.sql` : name), text)
}

export const up = (statements: string, down = ''): string =>
  `-- migrate:up\n${statements}\n${down === '' ? '' : `-- migrate:down\n${down}\n`}`
export const steps = (statements: string, down = ''): string =>
  `-- migrate:up transaction:false\n${statements}\n${down === '' ? '' : `-- migrate:down transaction:false\n${down}\n`}`

/** A run in this process: its result or error, and what it said. */
export interface Ran<Result> {
  result?: Result
  error?: Pick<CruddurError, 'code' | 'message' | 'next' | 'details'>
  /** Status lines, warnings and messages of the server. */
  said: string[]
}

/** Runs operations on one database and one folder in this process, which is much faster than the program. */
export class Migrations {
  constructor(
    readonly database: string,
    readonly folder: string,
    private readonly url = urlOf(database),
  ) {}

  write(files: Record<string, string>): Promise<void> {
    return writeMigrations(this.folder, files)
  }

  /** An empty database of this name. */
  async empty(): Promise<void> {
    await query('postgres', `drop database if exists "${this.database}" with (force)`)
    await query('postgres', `create database "${this.database}"`)
  }

  drop(): Promise<unknown> {
    return query('postgres', `drop database if exists "${this.database}" with (force)`)
  }

  ask<Row extends object>(sql: string, values: unknown[] = []): Promise<Row[]> {
    return query<Row>(this.database, sql, values)
  }

  /** The versions in the table, in order. */
  async recorded(): Promise<string[]> {
    const rows = await this.ask<{version: string}>('select version from schema_migrations order by 1')
    return rows.map(({version}) => version)
  }

  apply(options: Partial<MigrateOptions> = {}): Promise<Ran<MigrateResult>> {
    return this.ran((context, said) =>
      migrate(
        {
          ...{cwd: this.folder, waits: defaultLockWaits, scratch: () => []},
          onMessage: ({text}) => said.push(text),
          onApplied: ({file}) => said.push(`applied ${file}`),
          onPlan: () => undefined,
          ...options,
        },
        context,
      ),
    )
  }

  down(options: Partial<DownOptions> = {}): Promise<Ran<DownResult>> {
    return this.ran((context, said) =>
      migrateDown(
        {
          ...{cwd: this.folder, waits: defaultLockWaits},
          onLosing: (losing) => losing.forEach(({name, rows}) => said.push(`loses ${name}: ${rows}`)),
          onUndone: ({file}) => said.push(`undone ${file}`),
          ...options,
        },
        context,
      ),
    )
  }

  status(dir?: string): Promise<Ran<StatusResult>> {
    return this.ran((context) => migrationStatus({cwd: this.folder, dir}, context))
  }

  private async ran<Result>(run: (context: OperationContext, said: string[]) => Promise<Result>): Promise<Ran<Result>> {
    const said: string[] = []
    const target = {name: 'local', url: ConnectionUrl.parse(this.url, 'url'), origin: {kind: 'embedded'}} as const
    const context: OperationContext = {
      ...{target, progress: (text) => said.push(text), warn: (text) => said.push(text)},
      signal: new AbortController().signal,
      authorize: () => Promise.reject(new RefusedError('not confirmed', {code: 'not_confirmed'})),
    }
    try {
      return {result: await run(context, said), said}
    } catch (error) {
      return {error: error as CruddurError, said}
    }
  }
}
