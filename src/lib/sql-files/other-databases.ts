import type {OperationContext} from '../access/context.js'
import type {LosingTable} from '../access/effect.js'
import {protectionByMarkers} from '../access/guard.js'
import {keepSession, lockDatabase} from '../access/lock.js'
import {RefusedError, StateError} from '../errors.js'
import {filledTables} from '../postgres/catalog/filled-tables.js'
import {connectedServer, together, withClient} from '../postgres/connect/client.js'
import type {PostgresClient} from '../postgres/connect/postgres-client.js'
import {forgetAllButLocks} from '../postgres/wire/session-reset.js'
import type {ConnectionUrl} from '../targets/connection-url.js'
import {maxIdentifierBytes} from '../targets/identifier.js'
import {type AskElsewhere, askWithinSeconds} from './commit.js'
import {missingDatabase, nothingChanged, placedFailure, protectedConnect} from './connect-failures.js'
import {losesRows} from './losses.js'
import type {Elsewhere, OtherSession} from './parts.js'
import {type FileScan, lossesOfDatabase} from './scan.js'

export interface OtherDatabasesOptions {
  /** Whether the target is protected. */
  guarded: boolean
  /** Whether files may not drop or truncate tables that hold rows. */
  checksRows: boolean
}

/** The name of a database that setup is building. */
const unfinished = /_new_[0-9a-f]{8}$/

/**
 * The databases that `\connect` may enter: on the server of the target, with its login. The session of the target stays
 * open and holds the lock of each of them, so that they can be left again.
 */
export class OtherDatabases implements Elsewhere {
  private readonly url: ConnectionUrl
  /** Databases whose tables the scan has compared with what the files drop. */
  private readonly checked = new Set<string>()
  private readonly sessions = new Set<Promise<void>>()
  private readonly releases: (() => void)[] = []

  constructor(
    private readonly client: PostgresClient,
    private readonly context: Pick<OperationContext, 'target' | 'signal' | 'progress'>,
    private readonly options: OtherDatabasesOptions,
  ) {
    this.url = context.target.url.at(connectedServer(client))
  }

  /**
   * Checks before the run what the scan has found: locks the databases that exist, and returns the tables with rows that
   * the files drop or truncate in them.
   * @throws RefusedError (`connect_protected`), StateError (`3D000`, `connect_unfinished`, `already_running`)
   */
  async prepare(scan: FileScan): Promise<LosingTable[]> {
    const losing: LosingTable[] = []
    for (const asked of scan.connects) {
      const {database} = asked.to
      try {
        if (this.options.guarded) this.refuse(database)
        if (database === undefined || this.checked.has(database)) continue
        if (await this.admit(database)) losing.push(...(await this.losingIn(database, scan)))
        else if (!scan.creates) throw missingDatabase(database)
      } catch (error) {
        throw await placedFailure(error, asked, nothingChanged)
      }
    }
    for (const asked of scan.drops) {
      try {
        losing.push(...(await this.allOf(asked.to.database ?? '')))
      } catch (error) {
        throw await placedFailure(error, asked, nothingChanged)
      }
    }
    return losing
  }

  refuse(database: string | undefined): void {
    if (this.options.guarded) throw protectedConnect({target: this.context.target.name, database})
  }

  async open(database: string): Promise<OtherSession> {
    await forgetAllButLocks(this.client)
    await together(this.client, () => keepSession(this.client, true))
    const other = database !== this.context.target.url.database
    if (other) {
      this.refuse(database)
      if (!(await this.admit(database))) throw missingDatabase(database)
    }
    const session = await this.hold(database)
    try {
      await together(session.client, () => keepSession(session.client, true))
      if (other) await this.refuseFilled(session.client, database)
      return session
    } catch (error) {
      await session.close()
      throw error
    }
  }

  ask(database: string): AskElsewhere {
    const options = {signal: this.context.signal, seconds: askWithinSeconds}
    return (use) => withClient(this.url.withDatabase(database), options, use)
  }

  /** Ends the sessions that are still open, and waits for them. */
  async close(): Promise<void> {
    for (const release of this.releases) release()
    await Promise.allSettled(this.sessions)
  }

  /** Locks a database. Returns false if it does not exist. */
  private async admit(name: string): Promise<boolean> {
    // Postgres cuts a longer name, which could lead to another database.
    if (Buffer.byteLength(name) > maxIdentifierBytes) throw missingDatabase(name)
    const {signal, progress} = this.context
    const {byName, server} = await lockDatabase(this.client, name, {
      signal,
      onWait: (holder) => progress(`Another command is using "${name}": ${holder}. Waiting.`),
    })
    const found = byName.get(name)
    if (found === undefined) return false
    if (found.marker.state !== undefined || unfinished.test(name)) throw unfinishedDatabase(name)
    if (protectionByMarkers([found.marker], server) !== undefined) throw protectedDatabase(name)
    return true
  }

  private async losingIn(database: string, scan: FileScan): Promise<LosingTable[]> {
    if (!this.options.checksRows) return []
    this.checked.add(database)
    const losses = lossesOfDatabase(scan, database)
    return (await this.filledIn(database))
      .filter((table) => losesRows([table, ...table.ancestors], losses))
      .map((table) => tableIn(database, table))
  }

  private async allOf(database: string): Promise<LosingTable[]> {
    if (!(await this.admit(database)) || !this.options.checksRows) return []
    return (await this.filledIn(database)).map((table) => tableIn(database, table))
  }

  private filledIn(database: string): ReturnType<typeof filledTables> {
    return withClient(this.url.withDatabase(database), {signal: this.context.signal}, filledTables)
  }

  /** A database whose name only the run has shown counts as if the file could drop all of it. */
  private async refuseFilled(client: PostgresClient, database: string): Promise<void> {
    if (!this.options.checksRows || this.checked.has(database)) return
    const tables = await filledTables(client)
    if (tables.length === 0) return
    throw new RefusedError(
      `${database} has tables that hold rows, and what the file drops there is not known before it runs.`,
      {
        code: 'not_confirmed',
        next: ['To run it all the same, add: --force', 'Or write the name of the database into the file.'],
        details: {database, tables: tables.map(({name, rows}) => ({name, rows}))},
      },
    )
  }

  /** Opens a session that stays open until it is closed. */
  private hold(database: string): Promise<OtherSession> {
    const {signal} = this.context
    return new Promise((resolve, reject) => {
      const ended = withClient(
        this.url.withDatabase(database),
        {signal},
        (client) =>
          new Promise<void>((release) => {
            this.releases.push(release)
            const close = (): Promise<void> => {
              release()
              return ended.catch(() => undefined)
            }
            resolve({client, close})
          }),
      )
      this.sessions.add(ended)
      ended.catch(reject)
    })
  }
}

function tableIn(database: string, {name, rows}: LosingTable): LosingTable {
  return {name: `${name} in ${database}`, rows}
}

function unfinishedDatabase(name: string): StateError {
  return new StateError(`"${name}" belongs to setup, which builds or keeps it, so a file cannot change or drop it.`, {
    code: 'connect_unfinished',
    next: ['Write the name of the database that it belongs to.'],
    details: {database: name},
  })
}

function protectedDatabase(name: string): RefusedError {
  return new RefusedError(`"${name}" is protected, so a file of another target cannot change or drop it.`, {
    code: 'connect_protected',
    next: ['Put its part into a file of its own, and run it with a target whose URL names that database.'],
    details: {database: name},
  })
}
