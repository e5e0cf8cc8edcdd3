import {copyOut, type CopyTaker} from '../postgres/wire/copy-out.js'
import {isLost} from '../postgres/connect/connection.js'
import {endsSession, lostConnection} from '../postgres/connect/failures.js'
import type {PostgresClient} from '../postgres/connect/postgres-client.js'
import {type CopyIn, sendStatements, StatementsError} from '../postgres/wire/script-wire.js'
import {rowOfCopy} from '../sql-files/statement-failure.js'
import type {ConnectionUrl} from '../targets/connection-url.js'
import {hidden} from './hidden.js'
import type {PullJob} from './plan.js'

export interface PulledTable {
  table: string
  rows: number
  /** The file with its SELECT; null for all rows as they are. */
  file: string | null
}

/** Both sessions of a pull. */
export interface Sessions {
  source: PostgresClient
  /** Of the source, for errors. */
  url: ConnectionUrl
  local: PostgresClient
}

/** Does something on the source, inside of what is done on the local server, which is not to be named if the source is lost. */
export async function onSource<T>({source, url}: Sessions, work: (source: PostgresClient) => Promise<T>): Promise<T> {
  return work(source).catch((error: unknown) => {
    throw isLost(source) || endsSession(error) ? lostConnection(error, url) : error
  })
}

/**
 * Copies the rows of tables as they arrive. @returns how many each has
 * @throws SqlError, in which a row is named by its table and line only
 */
export async function copyRows(
  sessions: Sessions,
  jobs: readonly PullJob[],
  onBytes: (table: string, bytes: number) => void,
): Promise<PulledTable[]> {
  const loading = new Loading(sessions.local, jobs, onBytes)
  const statements = jobs.map(({from}) => from)
  try {
    await onSource(sessions, (source) => copyOut(source, statements, loading))
  } catch (error) {
    const job = jobs[loading.tables.length]
    if (job === undefined) throw error
    if (loading.refused !== undefined) throw notLoaded(loading.refused.error, job)
    await loading.fail()
    throw hidden(error, job.file === null ? `The rows of ${job.table} cannot be read` : `${job.file} fails`)
  }
  return loading.tables
}

/** The server sends 8 kB at a time. To stop for each part, and to write each by itself, takes twice as long as the copy. */
const blockBytes = 64 * 1024

/** Writes rows in blocks. While one is written, the next is filled. */
class Loading implements CopyTaker {
  readonly tables: PulledTable[] = []
  /** The error of the server that takes the rows. */
  refused: {error: unknown} | undefined
  private copy: CopyIn | undefined
  private parts: Buffer[] = []
  private size = 0
  private bytes = 0
  private writing = Promise.resolve()

  constructor(
    private readonly local: PostgresClient,
    private readonly jobs: readonly PullJob[],
    private readonly onBytes: (table: string, bytes: number) => void,
  ) {}

  take(part: Buffer): Promise<void> | undefined {
    this.parts.push(part)
    this.size += part.length
    return this.size < blockBytes ? undefined : this.write()
  }

  async end(rows: number): Promise<void> {
    const {table, file} = this.job
    await this.write()
    await this.writing
    await this.copy?.end().catch((error: unknown) => this.refuse(error))
    this.copy = undefined
    this.tables.push({table, file, rows})
  }

  /** Takes back the rows of the table whose COPY has failed on the source. */
  async fail(): Promise<void> {
    await this.writing.catch(() => undefined)
    await this.copy?.fail('the source has failed').catch(() => undefined)
  }

  private get job(): PullJob {
    return this.jobs[this.tables.length]!
  }

  private write(): Promise<void> {
    const before = this.writing
    if (this.size === 0) return before
    const block = Buffer.concat(this.parts)
    this.parts = []
    this.size = 0
    this.bytes += block.length
    this.onBytes(this.job.table, this.bytes)
    this.writing = before
      .then(async () => (await this.opened()).write(block))
      .catch((error: unknown) => this.refuse(error))
    this.writing.catch(() => undefined)
    return before
  }

  private async opened(): Promise<CopyIn> {
    this.copy ??= (await sendStatements(this.local, Buffer.from(this.job.to))).copy
    if (this.copy === undefined) throw new TypeError('the server does not wait for rows')
    return this.copy
  }

  private refuse(error: unknown): never {
    this.refused ??= {error}
    throw error
  }
}

function notLoaded(error: unknown, {table}: PullJob): unknown {
  const row = rowOfCopy(error instanceof StatementsError ? error.error : error)
  return hidden(
    error,
    row === undefined ? `The rows of ${table} cannot be loaded` : `Row ${row} of ${table} cannot be loaded`,
  )
}
