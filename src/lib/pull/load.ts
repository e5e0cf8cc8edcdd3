import {copyOut} from '../postgres/wire/copy-out.js'
import {isLost} from '../postgres/connect/connection.js'
import {endsSession, lostConnection} from '../postgres/connect/failures.js'
import type {PostgresClient} from '../postgres/connect/postgres-client.js'
import {sendStatements, StatementsError} from '../postgres/wire/script-wire.js'
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
  let refused: {error: unknown} | undefined
  const take = (rows: Buffer): Promise<void> => {
    onBytes(rows.length)
    return copy.write(rows).catch((error: unknown) => {
      refused ??= {error}
      throw error
    })
  }
  let rows: number
  try {
    rows = await onSource(sessions, (source) => copyOut(source, job.from, take))
  } catch (error) {
    if (refused !== undefined) throw notLoaded(refused.error, job)
    await copy.fail('the source has failed').catch(() => undefined)
    throw hidden(error, job.file === null ? `The rows of ${job.table} cannot be read` : `${job.file} fails`)
  }
  await copy.end().catch((error: unknown) => {
    throw notLoaded(error, job)
  })
  return rows
}

function notLoaded(error: unknown, {table}: PullJob): unknown {
  const row = rowOfCopy(error instanceof StatementsError ? error.error : error)
  return hidden(
    error,
    row === undefined ? `The rows of ${table} cannot be loaded` : `Row ${row} of ${table} cannot be loaded`,
  )
}
