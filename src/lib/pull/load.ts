import {copyOut} from '../postgres/wire/copy-out.js'
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
 * Copies the rows of a table as they arrive. @returns their number
 * @throws SqlError, in which a row is named by its table and line only
 */
export async function copyRows(sessions: Sessions, job: PullJob, onBytes: (bytes: number) => void): Promise<number> {
  const {local} = sessions
  const {copy} = await sendStatements(local, Buffer.from(job.to)).catch((error: unknown) => {
    throw notLoaded(error, job)
  })
  if (copy === undefined) throw new TypeError('the server does not wait for rows')
  const blocks = new Blocks(copy)
  let rows: number
  try {
    rows = await onSource(sessions, (source) =>
      copyOut(source, job.from, (part) => {
        onBytes(part.length)
        return blocks.take(part)
      }),
    )
    await blocks.flush()
  } catch (error) {
    if (blocks.refused !== undefined) throw notLoaded(blocks.refused.error, job)
    await copy.fail('the source has failed').catch(() => undefined)
    throw hidden(error, job.file === null ? `The rows of ${job.table} cannot be read` : `${job.file} fails`)
  }
  await copy.end().catch((error: unknown) => {
    throw notLoaded(error, job)
  })
  return rows
}

/** The server sends 8 kB at a time. To stop for each part, and to write each by itself, takes twice as long as the copy. */
const blockBytes = 64 * 1024

/** Writes rows in blocks. While one is written, the next is filled. */
class Blocks {
  /** The error of the server that takes the rows. */
  refused: {error: unknown} | undefined
  private parts: Buffer[] = []
  private size = 0
  private writing = Promise.resolve()

  constructor(private readonly copy: CopyIn) {}

  /** A promise means that the next part is to wait. */
  take(part: Buffer): Promise<void> | undefined {
    this.parts.push(part)
    this.size += part.length
    return this.size < blockBytes ? undefined : this.write()
  }

  async flush(): Promise<void> {
    await this.write()
    await this.writing
  }

  private write(): Promise<void> {
    const before = this.writing
    const block = Buffer.concat(this.parts)
    this.parts = []
    this.size = 0
    this.writing = before.then(() => (block.length === 0 ? undefined : this.copy.write(block)))
    this.writing.catch((error: unknown) => (this.refused ??= {error}))
    return before
  }
}

function notLoaded(error: unknown, {table}: PullJob): unknown {
  const row = rowOfCopy(error instanceof StatementsError ? error.error : error)
  return hidden(
    error,
    row === undefined ? `The rows of ${table} cannot be loaded` : `Row ${row} of ${table} cannot be loaded`,
  )
}
